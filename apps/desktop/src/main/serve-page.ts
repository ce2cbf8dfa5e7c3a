import { readFile } from 'node:fs/promises';
import { PAGE_HEADERS, pageFile } from './page-address.ts';

/** Answers the page's own requests: a file of the built page, or 404. */
export async function servePage(url: string, folder: string): Promise<Response> {
  const file = pageFile(url, folder);
  if (file === null) return new Response(null, { status: 404 });
  try {
    const body = new Uint8Array(await readFile(file.path));
    return new Response(body, { headers: { ...PAGE_HEADERS, 'content-type': file.type } });
  } catch {
    return new Response(null, { status: 404 });
  }
}
