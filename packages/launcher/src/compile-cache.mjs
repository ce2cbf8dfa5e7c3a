// Keeps what Node makes of the sources (types stripped, code compiled) from one run to the next: a run that finds it starts sooner and,
// since no thread of it needs the stripper, takes less memory. Plain JavaScript: this must run on Node 20, which has no such cache.
//
// The folder belongs to the user alone. Node's own choice lies in the temporary folder, where another user may have put something first.
import { constants, accessSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Code that runs this long is kept even if the process is later killed. */
const KEEP_AFTER_MS = 10_000;

/** For this process, its threads and its children. An environment that names another folder, or none, is left as it is. */
export function keepCompiled() {
  const { enableCompileCache, flushCompileCache } = /** @type {any} */ (module);
  if (enableCompileCache === undefined || process.env['NODE_DISABLE_COMPILE_CACHE'] !== undefined) return;
  const folder = process.env['NODE_COMPILE_CACHE'] ?? cacheFolder();
  if (folder === null) return;
  process.env['NODE_COMPILE_CACHE'] = folder;
  enableCompileCache(folder);
  setTimeout(() => flushCompileCache?.(), KEEP_AFTER_MS).unref();
}

/** @returns {string | null} null where it cannot be written */
function cacheFolder() {
  try {
    const folder = join(userCaches(), 'onefold', 'compiled');
    // Without a home it would lie in whatever folder this process stands in.
    if (!isAbsolute(folder)) return null;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    return null;
  }
}

function userCaches() {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === 'win32') return LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  return XDG_CACHE_HOME || join(homedir(), '.cache');
}
