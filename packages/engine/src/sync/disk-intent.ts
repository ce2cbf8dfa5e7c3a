import type { NodeId } from '@onefold/protocol';
import type { FileStat, Name, NodeRow, RelPath, SyncedState } from '../core/tree.ts';
import type { DiskIntent } from '../ports.ts';

/*
 * What is written down before a change of the disk that looking at the disk alone could not explain afterwards. What is put in place is named too:
 * the journal may have gone on by the time somebody looks, and the version it had then would pass for another one made here.
 */
export type IntentDetail =
  /**
   * The node goes to `to`; its name is `name`, where the disk cannot hold that. `was`: the journal's place that this is. Both are absent in what
   * earlier versions wrote.
   */
  | {
      readonly op: 'move' | 'aside';
      readonly to: RelPath;
      readonly name?: Name;
      readonly was?: Pick<SyncedState, 'parent' | 'name' | 'placeVersion'>;
    }
  /** The node goes from `at` to `to` in staging, on its way to a name that is not free yet. */
  | { readonly op: 'park'; readonly to: RelPath; readonly at: RelPath }
  /** Its local file goes to `to`, as the node `copy`. */
  | { readonly op: 'copy'; readonly to: RelPath; readonly name?: Name; readonly copy: NodeId }
  /**
   * The journal's version of it comes to stand at `to`, and is `was` then; the inode is that of what is staged at `from`, 0 for a folder, which is
   * made in its place. `from` is absent in what earlier versions wrote.
   */
  | {
      readonly op: 'placed';
      readonly to: RelPath;
      readonly name: Name;
      readonly was: SyncedState;
      readonly from?: RelPath;
    }
  /** It leaves `to` for not being wanted on this device: nobody may take that for a delete. */
  | { readonly op: 'withdraw'; readonly to: RelPath }
  /** The file that was at `at` is kept at `to` in staging until it is certain that nobody wrote to it meanwhile. */
  | { readonly op: 'displaced'; readonly to: RelPath; readonly at: RelPath };

export interface KeptIntent {
  readonly detail: IntentDetail;
  readonly inode: bigint;
  readonly sizeBytes: number;
  readonly mtimeNs: bigint;
  readonly contentId: string | null;
  /** Of a staged file, with which its inode is known again; absent in what earlier versions wrote. */
  readonly birth?: Pick<FileStat, 'device' | 'birthtimeNs'>;
}

export function intentFor(row: NodeRow, detail: IntentDetail): DiskIntent {
  const { stat, content } = row.local!;
  const kept = {
    detail,
    inode: stat.inode.toString(),
    sizeBytes: stat.sizeBytes,
    mtimeNs: stat.mtimeNs.toString(),
    contentId: content?.kind === 'file' ? content.contentId : null,
  };
  // A node may be replaced again while an earlier version of it is still kept.
  return { id: `${detail.op}:${row.node}:${detail.to}`, node: row.node, detail: JSON.stringify(kept) };
}

/** `staged`: the file or link that is put there, null for a folder. */
export function placedIntent(
  node: NodeId,
  place: { readonly to: RelPath; readonly name: Name },
  was: SyncedState,
  staged: { readonly path: RelPath; readonly stat: FileStat } | null,
): DiskIntent {
  const detail = { op: 'placed', ...place, was } as const;
  if (staged === null) return strayIntent(node, detail, { inode: 0n, sizeBytes: 0, mtimeNs: 0n });
  const { path, stat } = staged;
  const birth = { device: stat.device, birthtimeNs: stat.birthtimeNs };
  return strayIntent(node, { ...detail, from: path }, stat, birth);
}

/** What in staging is evidence of the intent: as long as nobody has said what became of it, it stays. */
export function stagingOf({ detail }: KeptIntent): RelPath[] {
  if (detail.op !== 'placed') return [detail.to];
  return detail.from === undefined ? [] : [detail.from];
}

/** For what was found in staging without one. `stat` as it was when it was taken, with the inode that it has. */
export function strayIntent(
  node: NodeId,
  detail: IntentDetail,
  { inode, sizeBytes, mtimeNs }: Pick<FileStat, 'inode' | 'sizeBytes' | 'mtimeNs'>,
  birth?: KeptIntent['birth'],
): DiskIntent {
  const kept = { detail, inode: inode.toString(), sizeBytes, mtimeNs: mtimeNs.toString(), contentId: null, birth };
  return { id: `${detail.op}:${node}:${detail.to}`, node, detail: JSON.stringify(kept, writeExact) };
}

/** Times of attributes are whole nanoseconds, which JSON has no number for. */
export function writeExact(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? { ns: value.toString() } : value;
}

export function readExact(_key: string, value: unknown): unknown {
  const ns = typeof value === 'object' && value !== null && 'ns' in value ? value.ns : undefined;
  return typeof ns === 'string' ? BigInt(ns) : value;
}

export function readIntent(intent: DiskIntent): KeptIntent {
  const { detail } = intent;
  // Most hold no time: looking at every part of them costs several times as much as reading them.
  const raw = JSON.parse(detail, detail.includes('"ns"') ? readExact : undefined) as Omit<
    KeptIntent,
    'inode' | 'mtimeNs'
  > & {
    inode: string;
    mtimeNs: string;
  };
  return { ...raw, inode: BigInt(raw.inode), mtimeNs: BigInt(raw.mtimeNs) };
}
