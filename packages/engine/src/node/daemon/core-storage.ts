import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import { FILE_KINDS, fileKind, type FileKind } from '../../core/file-kinds.ts';
import { joinPath } from '../../core/names.ts';
import type { SizedFolder, Sizes } from '../../sync/usage.ts';
import { placeOf } from './core-browse.ts';
import type { FolderRunner } from './folder-runner.ts';

export interface StorageArgs {
  readonly folder: string;
  readonly path: string;
  readonly side: 'here' | 'server';
}

interface Sum {
  sizeBytes: number;
  count: number;
}

export interface StoragePart extends Sum {
  id: number;
  parent: number | null;
  name: string;
  path: string;
  kind: 'folder' | 'file' | 'rest';
}

export interface StorageMap {
  parts: StoragePart[];
  kinds: (Sum & { kind: FileKind })[];
  trash: Sum;
  deleted: Sum;
  freeBytes: number | null;
  server: { usedBytes: number; quotaBytes: number | null } | null;
}

const DEPTH = 3;
/** Parts of one folder that are shown by themselves, and how much of the whole each must have. */
const MOST_PARTS = 24;
const LEAST_SHARE = 1 / 500;

/** What takes the space below a folder. Throws `not-found`. */
export async function storageOf(
  runners: readonly FolderRunner[],
  { folder, path, side }: StorageArgs,
): Promise<StorageMap> {
  const { running, path: at } = placeOf(runners, { folder, path });
  const node = at === '' ? ROOT_NODE : ((await running.engine.entry(at))?.node ?? ROOT_NODE);
  const sizes = await running.engine.sizes(side, fileKind);
  const server = await running.engine.serverUsage().catch(() => null);
  const freeBytes = await running.engine.freeBytes();
  return { ...mapOf(sizes, node, at), trash: { ...sizes.trash }, deleted: { ...sizes.deleted }, freeBytes, server };
}

export function mapOf(sizes: Sizes, root: NodeId, path: string): Pick<StorageMap, 'parts' | 'kinds'> {
  const children = new Map<NodeId, NodeId[]>();
  for (const [node, { parent }] of sizes.folders) {
    if (node === ROOT_NODE) continue;
    const beside = children.get(parent);
    if (beside === undefined) children.set(parent, [node]);
    else beside.push(node);
  }
  const totals = new Map<NodeId, Sum>();
  const kinds = new Map<FileKind, Sum>(FILE_KINDS.map((kind) => [kind, { sizeBytes: 0, count: 0 }]));
  const below = listBelow(children, root);
  // From the deepest up: a folder's own files and what its folders came to.
  for (const node of below.reverse()) {
    const folder = sizes.folders.get(node);
    const total: Sum = { sizeBytes: folder?.sizeBytes ?? 0, count: folder?.count ?? 0 };
    for (const child of children.get(node) ?? []) addTo(total, totals.get(child));
    totals.set(node, total);
    for (const [kind, sum] of folder?.kinds ?? []) addTo(kinds.get(kind as FileKind)!, sum);
  }
  const whole = totals.get(root) ?? { sizeBytes: 0, count: 0 };
  const parts: StoragePart[] = [];
  const place = (part: Omit<StoragePart, 'id'>): number => parts.push({ ...part, id: parts.length }) - 1;
  const open = (node: NodeId, id: number, at: string, depth: number): void => {
    const folder: SizedFolder | undefined = sizes.folders.get(node);
    const inside = [
      ...(children.get(node) ?? []).map((child) => ({
        node: child,
        name: sizes.folders.get(child)!.name,
        ...totals.get(child)!,
      })),
      ...(folder?.largest ?? []).map(({ name, sizeBytes }) => ({ node: null, name, sizeBytes, count: 1 })),
    ].sort((a, b) => b.sizeBytes - a.sizeBytes);
    const rest = { ...totals.get(node)! };
    for (const [i, one] of inside.entries()) {
      if (one.sizeBytes === 0 || i >= MOST_PARTS || one.sizeBytes < whole.sizeBytes * LEAST_SHARE) break;
      rest.sizeBytes -= one.sizeBytes;
      rest.count -= one.count;
      const { node: child, name, sizeBytes, count } = one;
      const to = joinPath(at, name);
      const kind = child === null ? ('file' as const) : ('folder' as const);
      const partId = place({ parent: id, name, path: to, kind, sizeBytes, count });
      if (child !== null && depth < DEPTH) open(child, partId, to, depth + 1);
    }
    if (rest.sizeBytes > 0) place({ parent: id, name: '', path: at, kind: 'rest', ...rest });
  };
  const name = sizes.folders.get(root)?.name ?? '';
  open(root, place({ parent: null, name, path, kind: 'folder', ...whole }), path, 1);
  return { parts, kinds: [...kinds].map(([kind, sum]) => ({ kind, ...sum })).filter(({ count }) => count > 0) };
}

function listBelow(children: ReadonlyMap<NodeId, readonly NodeId[]>, root: NodeId): NodeId[] {
  const below = [root];
  for (let i = 0; i < below.length; i++) below.push(...(children.get(below[i]!) ?? []));
  return below;
}

function addTo(sum: Sum, more: Readonly<Sum> | undefined): void {
  sum.sizeBytes += more?.sizeBytes ?? 0;
  sum.count += more?.count ?? 0;
}
