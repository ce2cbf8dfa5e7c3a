import { open, rename, unlink } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import path from 'node:path';

/**
 * Replaces a file as a whole: temp file, fsync, rename, fsync of the folder. Durable when it resolves. The temp file stands beside it unless
 * `temporary` names another place on the same volume.
 */
export async function writeDurably(
  file: string,
  content: string | Uint8Array,
  {
    mode = 0o600,
    temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`,
  }: { readonly mode?: number; readonly temporary?: string } = {},
): Promise<void> {
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(path.dirname(file));
}

/** Makes names in a folder durable. Nothing to do where folders cannot be opened (Windows). */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
