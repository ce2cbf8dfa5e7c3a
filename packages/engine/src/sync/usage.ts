import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import { isAlive } from '../core/settled.ts';
import type { NodeRow } from '../core/tree.ts';
import type { Session } from './session.ts';

const SLICE_ROWS = 5_000;
/** Files of one folder that are named by themselves; the rest is told as a sum. */
const MOST_NAMED = 40;

export interface SizedFile {
  readonly name: string;
  readonly sizeBytes: number;
}

export interface SizedFolder {
  readonly name: string;
  readonly parent: NodeId;
  /** Of the files right in it. */
  sizeBytes: number;
  count: number;
  /** The largest of them. */
  readonly largest: SizedFile[];
  readonly kinds: Map<string, { sizeBytes: number; count: number }>;
}

/** What takes the space, folder by folder. */
export interface Sizes {
  readonly folders: ReadonlyMap<NodeId, SizedFolder>;
  /** Last versions of what is deleted, kept by the server. */
  readonly deleted: { readonly sizeBytes: number; readonly count: number };
  /** What lies in the trash here. */
  readonly trash: { readonly sizeBytes: number; readonly count: number };
}

/** Sums over all rows, a slice at a time, so that nothing else waits for it. `here`: what is on this disk, else what the journal has alive. */
export async function measureSizes(
  session: Session,
  side: 'here' | 'server',
  kindOf: (name: string) => string,
): Promise<Sizes> {
  const { store, files } = session.ports;
  const folders = new Map<NodeId, SizedFolder>();
  const deleted = { sizeBytes: 0, count: 0 };
  const folderAt = (node: NodeId, name = '', parent: NodeId = ROOT_NODE): SizedFolder => {
    const known = folders.get(node);
    if (known !== undefined && (known.name !== '' || name === '')) return known;
    const empty = { sizeBytes: 0, count: 0, largest: [], kinds: new Map<string, never>() };
    const folder = { ...(known ?? empty), name, parent };
    folders.set(node, folder);
    return folder;
  };
  folderAt(ROOT_NODE);
  for (let after: number | null = null; ;) {
    const { rows, next } = await store.slice(after, SLICE_ROWS);
    for (const row of rows) {
      const isGone: boolean = row.local === null && !isAlive(row.remote);
      const content = row.remote?.content;
      if (isGone && content?.kind === 'file') {
        deleted.sizeBytes += content.sizeBytes;
        deleted.count++;
      }
      const seen = seenOn(row, side);
      if (seen === null) continue;
      if (seen.kind === 'folder') folderAt(row.node, seen.name, seen.parent);
      else add(folderAt(seen.parent), seen.name, seen.sizeBytes, kindOf(seen.name));
    }
    if (next === null) break;
    after = next;
  }
  const trash = { sizeBytes: 0, count: 0 };
  for (const { stat } of await files.listTrash()) {
    trash.sizeBytes += stat.sizeBytes;
    trash.count++;
  }
  return { folders, deleted, trash };
}

function seenOn({ local, remote }: NodeRow, side: 'here' | 'server') {
  if (side === 'here') {
    return local === null
      ? null
      : { kind: local.kind, name: local.name, parent: local.parent, sizeBytes: local.stat.sizeBytes };
  }
  if (!isAlive(remote) || remote.name === null) return null;
  const sizeBytes = remote.content?.kind === 'file' ? remote.content.sizeBytes : 0;
  return { kind: remote.kind, name: remote.name, parent: remote.parent, sizeBytes };
}

function add(folder: SizedFolder, name: string, sizeBytes: number, kind: string): void {
  folder.sizeBytes += sizeBytes;
  folder.count++;
  const sum = folder.kinds.get(kind) ?? { sizeBytes: 0, count: 0 };
  folder.kinds.set(kind, { sizeBytes: sum.sizeBytes + sizeBytes, count: sum.count + 1 });
  const { largest } = folder;
  if (largest.length === MOST_NAMED && sizeBytes <= largest[MOST_NAMED - 1]!.sizeBytes) return;
  const at = largest.findIndex((one) => one.sizeBytes < sizeBytes);
  largest.splice(at === -1 ? largest.length : at, 0, { name, sizeBytes });
  if (largest.length > MOST_NAMED) largest.pop();
}
