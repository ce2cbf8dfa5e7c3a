import { join, normalize, sep } from 'node:path';

/** The page has a scheme and an origin of its own: not a file, not the network, and no other page can have it. */
export const PAGE_SCHEME = 'onefold';
export const PAGE_URL = `${PAGE_SCHEME}://page/index.html`;

const ORIGIN = `${PAGE_SCHEME}://page`;

/** What the page may load: its own files and nothing else. It needs no network at all: the engine is reached by a port. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
  txt: 'text/plain; charset=utf-8',
  md: 'text/plain; charset=utf-8',
};

export function isPageUrl(url: string): boolean {
  return url === ORIGIN || url.startsWith(`${ORIGIN}/`);
}

/**
 * @param url what the page asked for
 * @param folder the built page, absolute
 * @returns the file below the folder and its type, or null when the page has no business there
 */
export function pageFile(url: string, folder: string): { readonly path: string; readonly type: string } | null {
  if (!isPageUrl(url)) return null;
  let asked: string;
  try {
    asked = decodeURIComponent(new URL(url).pathname);
  } catch {
    return null;
  }
  const type = TYPES[asked.slice(asked.lastIndexOf('.') + 1)];
  const root = normalize(folder);
  const path = join(root, asked);
  if (type === undefined || asked.includes('\0') || !path.startsWith(root.endsWith(sep) ? root : root + sep))
    return null;
  return { path, type };
}
