import type { NodeId } from '@onefold/protocol';
import { agreed } from '../core/agree.ts';
import { diskNameOf } from '../core/local-name.ts';
import { joinPath } from '../core/names.ts';
import type { FileStat, LocalState, NodeRow, SyncedState } from '../core/tree.ts';
import type { Batch, Clock } from '../ports.ts';
import { isMountIn } from './listed-folder.ts';
import { record, type Session } from './session.ts';

/** A delete waits this long for its pair: what comes back to its path, or turns up elsewhere, was never deleted. */
const PAIR_MS = 2_000;
const CHUNK_ROWS = 1_000;
const MAX_LEFT = 10_000;

/** What is needed to know an entry again that lost its path to another kind of thing. */
export interface Left {
  readonly node: NodeId;
  readonly local: LocalState;
  readonly synced: SyncedState | null;
}

/** Nodes whose paths were found empty, and since when. */
export interface Vacated {
  /** Its row had to give up its path at once; for a while it may still be found elsewhere. */
  leave(row: NodeRow): void;
  findLeft(stat: FileStat): Left | undefined;
  found(node: NodeId): void;
  isLeaving(node: NodeId): boolean;
  /** All that may still be found elsewhere. */
  leaving(): readonly Left[];
  /** True when the node has been missing long enough, and this look is one that confirms it. */
  isGone(node: NodeId, folder: NodeId, stat: FileStat, isConfirming: boolean): boolean;
  isMissing(node: NodeId): boolean;
  returned(node: NodeId): void;
  /** A complete look at a folder: what is not missing from it any more, by whatever way, is forgotten. */
  keepOnly(folder: NodeId, missing: ReadonlySet<NodeId>): void;
  /** Missing for long enough. */
  due(): NodeId[];
  /** It is waited for anew. */
  postpone(node: NodeId): void;
  /** Folders to be listed again by now, to confirm. */
  dueFolders(): NodeId[];
  nextDueMs(): number | null;
  size(): number;
}

export interface Awaiting {
  /** This inode was seen under another name, and is only not taken yet because it may still be written to. */
  readonly isAwaited: (stat: FileStat) => boolean;
  /** Nothing is known that has still to be looked at: what is not found by now is nowhere. */
  readonly isAllSeen: () => boolean;
}

export function createVacated(clock: Clock, { isAwaited, isAllSeen }: Awaiting): Vacated {
  const missing = new Map<NodeId, { readonly folder: NodeId; readonly sinceMs: number }>();
  const missingIn = new Map<NodeId, Set<NodeId>>();
  /** In the order in which they left. */
  const left = new Map<NodeId, Left & { readonly sinceMs: number }>();
  /** Of several names of one file the last that left. */
  const leftByInode = new Map<string, NodeId>();
  const isDue = (sinceMs: number): boolean => clock.monotonicMs() - sinceMs >= PAIR_MS;

  function forget({ node, local }: Left): void {
    left.delete(node);
    const key = inodeKey(local.stat);
    if (leftByInode.get(key) === node) leftByInode.delete(key);
  }

  function miss(node: NodeId, folder: NodeId): void {
    drop(node);
    missing.set(node, { folder, sinceMs: clock.monotonicMs() });
    const nodes = missingIn.get(folder);
    if (nodes === undefined) missingIn.set(folder, new Set([node]));
    else nodes.add(node);
  }

  function drop(node: NodeId): boolean {
    const entry = missing.get(node);
    if (entry === undefined) return false;
    const nodes = missingIn.get(entry.folder)!;
    nodes.delete(node);
    if (nodes.size === 0) missingIn.delete(entry.folder);
    return missing.delete(node);
  }

  function due(): NodeId[] {
    return [...missing].filter(([, { sinceMs }]) => isDue(sinceMs)).map(([node]) => node);
  }

  function dropOld(): void {
    if (!isAllSeen()) return;
    for (const entry of left.values()) {
      if (!isDue(entry.sinceMs)) return;
      if (isAwaited(entry.local.stat)) {
        left.delete(entry.node);
        left.set(entry.node, { ...entry, sinceMs: clock.monotonicMs() });
      } else forget(entry);
    }
  }

  return {
    leave({ node, local, synced }) {
      if (local === null || left.size >= MAX_LEFT) return;
      const before = left.get(node);
      if (before !== undefined) forget(before);
      left.set(node, { node, local, synced, sinceMs: clock.monotonicMs() });
      leftByInode.set(inodeKey(local.stat), node);
    },
    findLeft(stat) {
      const node = leftByInode.get(inodeKey(stat));
      const known = node === undefined ? undefined : left.get(node);
      return known?.local.kind === stat.kind ? known : undefined;
    },
    found(node) {
      const entry = left.get(node);
      if (entry !== undefined) forget(entry);
    },
    isLeaving(node) {
      dropOld();
      return left.has(node);
    },
    leaving() {
      dropOld();
      return [...left.values()].map(({ node, local, synced }) => ({ node, local, synced }));
    },
    isGone(node, folder, stat, isConfirming) {
      const known = missing.get(node);
      if (known === undefined || known.folder !== folder || isAwaited(stat)) {
        miss(node, folder);
        return false;
      }
      return isConfirming && isDue(known.sinceMs) && drop(node);
    },
    isMissing: (node) => missing.has(node),
    returned: (node) => void drop(node),
    keepOnly(folder, still) {
      for (const node of missingIn.get(folder) ?? []) if (!still.has(node)) drop(node);
    },
    due,
    postpone(node) {
      const known = missing.get(node);
      if (known !== undefined) miss(node, known.folder);
    },
    dueFolders() {
      const folders = new Set<NodeId>();
      for (const node of due()) folders.add(missing.get(node)!.folder);
      return [...folders];
    },
    nextDueMs() {
      let soonest: number | null = null;
      for (const { sinceMs } of missing.values()) {
        soonest = Math.min(soonest ?? Infinity, Math.max(0, sinceMs + PAIR_MS - clock.monotonicMs()));
      }
      dropOld();
      for (const { sinceMs } of left.values()) {
        soonest = Math.min(soonest ?? Infinity, sinceMs + PAIR_MS - clock.monotonicMs());
        break;
      }
      return soonest;
    },
    size: () => missing.size,
  };
}

function inodeKey(stat: FileStat): string {
  return `${stat.device}:${stat.inode}:${stat.birthtimeNs}`;
}

/**
 * The nodes, and all that was below them, are no longer on this disk; with `isUnseen` nobody knows since when, and so nobody deleted them.
 * `each` sees every row as it was; `facts` go with each transaction.
 */
export async function removeLocal(
  session: Session,
  rows: readonly NodeRow[],
  each: (row: NodeRow) => void = () => undefined,
  { isUnseen = false, facts }: { readonly isUnseen?: boolean; readonly facts?: () => Batch['facts'] } = {},
): Promise<void> {
  let pending: NodeRow[] = [];
  const open = await Promise.all(
    rows.map(async (row) => ({
      row,
      path: row.local?.kind === 'folder' ? await session.paths.of(row) : null,
      isUnseen,
    })),
  );
  /** Rows that were seen at different moments may lie in each other. */
  const seen = new Set<NodeId>();
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { row, path } = one;
    if (seen.has(row.node)) continue;
    seen.add(row.node);
    const children = row.local?.kind === 'folder' ? await session.ports.store.childrenOf('local', row.node) : [];
    for (const child of children) {
      const at = path === null ? null : joinPath(path, diskNameOf(child.local!));
      // Nobody looks into what is ignored: when it went cannot be said.
      const isHidden = at !== null && session.rules(at, child.local!.kind === 'folder');
      // Nor was seen what is on a disk that was mounted in it.
      const isElsewhere = isMountIn(row.local!.stat.device, child);
      open.push({ row: child, path: at, isUnseen: one.isUnseen || isHidden || isElsewhere });
    }
    each(row);
    pending.push(agreed({ ...row, local: null, ...(one.isUnseen ? { synced: null } : {}) }));
    if (pending.length >= CHUNK_ROWS) {
      await record(session, { rows: pending, ...noted() });
      pending = [];
    }
  }
  if (pending.length > 0) await record(session, { rows: pending, ...noted() });

  function noted(): Pick<Batch, 'facts'> {
    const said = facts?.();
    return said === undefined ? {} : { facts: said };
  }
}
