// Which Node can run the product, and where to find one. Plain JavaScript: this must run on Node 20.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as zlib from 'node:zlib';

/** What a person is told to have. Node 22.18 is the first with Node-API 10, zstd and TypeScript stripping all at once. */
export const REQUIRED_NODE = '22.18';

/**
 * Whether the Node running this code can run `entry`. better-sqlite3 is built for Node-API 10: on an older Node it
 * loads and then crashes the process, so the version is checked before anything native is touched.
 * @param {URL} entry
 * @returns {boolean}
 */
export function runsHere(entry) {
  if (!(Number(process.versions['napi']) >= 10)) return false;
  if (typeof zlib.zstdCompressSync !== 'function') return false;
  return !entry.pathname.endsWith('.ts') || Boolean(process.features.typescript);
}

/**
 * Finds the Node that npm installed beside the product, in the nearest `node_modules` above `from`.
 * @param {URL} from a file of the product
 * @returns {string | undefined} the path of the binary, or undefined when this system has no packaged Node
 */
export function findPackagedNode(from) {
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const inside = join('node_modules', `node-${system}-${process.arch}`, 'bin', binary);
  let folder = dirname(fileURLToPath(from));
  for (;;) {
    const candidate = join(folder, inside);
    if (existsSync(candidate)) return candidate;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}
