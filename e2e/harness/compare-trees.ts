import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** mtimes are set through calls that take seconds as a double: they carry about a quarter of a microsecond. */
const MTIME_TOLERANCE_NS = 1_000n;

/** Names the product never syncs, whatever the user's own ignore file says. */
const BUILT_IN_IGNORES = [/^\.DS_Store$/, /^Thumbs\.db$/i, /^desktop\.ini$/i, /^~\$/, /\.part$/];

export interface TreeEntry {
  readonly kind: 'file' | 'folder' | 'link';
  readonly mode: number;
  readonly mtimeNs: bigint;
  readonly sizeBytes: bigint;
  readonly target: string;
}

/** Everything below a folder by its path, as bytes read as latin1 so that any name is a key. `.onefold` and built-in ignores are left out. */
export function readTree(root: string): Map<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  const folders = [Buffer.from('')];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const names = readdirSync(folder.length === 0 ? root : join(root, folder), { encoding: 'buffer' });
    for (const name of names) {
      const text = name.toString('latin1');
      if (folder.length === 0 && text === '.onefold') continue;
      if (BUILT_IN_IGNORES.some((pattern) => pattern.test(text))) continue;
      const path = folder.length === 0 ? name : Buffer.concat([folder, Buffer.from('/'), name]);
      const stat = lstatSync(join(root, path), { bigint: true });
      if (!stat.isFile() && !stat.isDirectory() && !stat.isSymbolicLink()) continue;
      const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'link';
      entries.set(path.toString('latin1'), {
        kind,
        mode: Number(stat.mode & 0o777n),
        mtimeNs: stat.mtimeNs,
        sizeBytes: stat.size,
        target: kind === 'link' ? readlinkSync(join(root, path), { encoding: 'buffer' }).toString('latin1') : '',
      });
      if (kind === 'folder') folders.push(path);
    }
  }
  return entries;
}

function join(root: string, path: Buffer): Buffer {
  return Buffer.concat([Buffer.from(root), Buffer.from('/'), path]);
}

/** Every difference between two folders, in words; empty when they hold the same bytes, links, modes of files and mtimes of files. */
export async function compareTrees(left: string, right: string, most = 40): Promise<string[]> {
  const a = readTree(left);
  const b = readTree(right);
  const differences: string[] = [];
  for (const [path, entry] of a) {
    if (differences.length >= most) break;
    const other = b.get(path);
    if (other === undefined) differences.push(`only in ${left}: ${path}`);
    else differences.push(...(await compareEntry(path, entry, other, left, right)));
  }
  for (const path of b.keys()) {
    if (differences.length >= most) break;
    if (!a.has(path)) differences.push(`only in ${right}: ${path}`);
  }
  return differences;
}

async function compareEntry(path: string, a: TreeEntry, b: TreeEntry, left: string, right: string): Promise<string[]> {
  if (a.kind !== b.kind) return [`${path}: ${a.kind} against ${b.kind}`];
  if (a.kind === 'link') return a.target === b.target ? [] : [`${path}: link to ${a.target} against ${b.target}`];
  if (a.kind === 'folder') return [];
  const differences: string[] = [];
  if (a.sizeBytes !== b.sizeBytes) differences.push(`${path}: ${a.sizeBytes} against ${b.sizeBytes} bytes`);
  else if ((await hashOf(left, path)) !== (await hashOf(right, path))) differences.push(`${path}: different bytes`);
  if (a.mode !== b.mode) differences.push(`${path}: mode ${a.mode.toString(8)} against ${b.mode.toString(8)}`);
  const apart = a.mtimeNs > b.mtimeNs ? a.mtimeNs - b.mtimeNs : b.mtimeNs - a.mtimeNs;
  if (apart > MTIME_TOLERANCE_NS) differences.push(`${path}: mtimes ${apart} ns apart`);
  return differences;
}

export async function hashOf(root: string, latin1Path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(join(root, Buffer.from(latin1Path, 'latin1'))), hash);
  return hash.digest('hex');
}
