import type { NodeId } from '@onefold/protocol';
import { agreed } from '../core/agree.ts';
import { diskNameOf } from '../core/local-name.ts';
import { joinPath } from '../core/names.ts';
import type { FileStat, LocalState, NodeRow } from '../core/tree.ts';
import type { Clock } from '../ports.ts';
import { record, type Session } from './session.ts';

/** A delete waits this long for its pair: what comes back to its path, or turns up elsewhere, was never deleted. */
const PAIR_MS = 2_000;
const CHUNK_ROWS = 1_000;
const MAX_LEFT = 10_000;

/** What is needed to know an entry again that lost its path to another kind of thing. */
export interface Left {
  readonly node: NodeId;
  readonly local: LocalState;
}

/** Nodes whose paths were found empty, and since when. */
export interface Vacated {
  /** Its row had to give up its path at once; for a while it may still be found elsewhere. */
  leave(row: NodeRow): void;
  findLeft(stat: FileStat): Left | undefined;
  found(node: NodeId): void;
  isLeaving(node: NodeId): boolean;
  /** True when the node has been missing long enough, and this look confirms it. */
  isGone(node: NodeId, folder: NodeId, stat: FileStat): boolean;
  returned(node: NodeId): void;
  /** A complete look at a folder: what is not missing from it any more, by whatever way, is forgotten. */
  keepOnly(folder: NodeId, missing: ReadonlySet<NodeId>): void;
  /** Folders to be listed again by now, to confirm. */
  dueFolders(): NodeId[];
  nextDueMs(): number | null;
  size(): number;
}

/** `isAwaited`: this inode was seen under another name, and is only not taken yet because it may still be written to. */
export function createVacated(clock: Clock, isAwaited: (stat: FileStat) => boolean): Vacated {
  const missing = new Map<NodeId, { readonly folder: NodeId; readonly sinceMs: number }>();
  /** By inode, in the order in which they left. */
  const left = new Map<string, Left & { readonly sinceMs: number }>();
  const leaving = new Set<NodeId>();
  const isDue = (sinceMs: number): boolean => clock.monotonicMs() - sinceMs >= PAIR_MS;
  function dropOld(): void {
    for (const [key, entry] of left) {
      if (!isDue(entry.sinceMs)) return;
      left.delete(key);
      if (isAwaited(entry.local.stat)) left.set(key, { ...entry, sinceMs: clock.monotonicMs() });
      else leaving.delete(entry.node);
    }
  }

  return {
    leave({ node, local }) {
      if (local === null || left.size >= MAX_LEFT) return;
      left.set(inodeKey(local.stat), { node, local, sinceMs: clock.monotonicMs() });
      leaving.add(node);
    },
    findLeft(stat) {
      const known = left.get(inodeKey(stat));
      return known === undefined || known.local.kind !== stat.kind ? undefined : known;
    },
    found(node) {
      if (!leaving.delete(node)) return;
      for (const [key, entry] of left) if (entry.node === node) left.delete(key);
    },
    isLeaving(node) {
      dropOld();
      return leaving.has(node);
    },
    isGone(node, folder, stat) {
      const known = missing.get(node);
      if (known === undefined || known.folder !== folder || isAwaited(stat)) {
        missing.set(node, { folder, sinceMs: clock.monotonicMs() });
        return false;
      }
      return isDue(known.sinceMs) && missing.delete(node);
    },
    returned: (node) => void missing.delete(node),
    keepOnly(folder, still) {
      for (const [node, entry] of missing) if (entry.folder === folder && !still.has(node)) missing.delete(node);
    },
    dueFolders() {
      const folders = new Set<NodeId>();
      for (const { folder, sinceMs } of missing.values()) if (isDue(sinceMs)) folders.add(folder);
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
 * `each` sees every row as it was.
 */
export async function removeLocal(
  session: Session,
  rows: readonly NodeRow[],
  each: (row: NodeRow) => void = () => undefined,
  isUnseen = false,
): Promise<void> {
  let pending: NodeRow[] = [];
  const open = await Promise.all(
    rows.map(async (row) => ({
      row,
      path: row.local?.kind === 'folder' ? await session.paths.of(row) : null,
      isUnseen,
    })),
  );
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { row, path } = one;
    const children = row.local?.kind === 'folder' ? await session.ports.store.childrenOf('local', row.node) : [];
    for (const child of children) {
      const at = path === null ? null : joinPath(path, diskNameOf(child.local!));
      // Nobody looks into what is ignored: when it went cannot be said.
      const isHidden = at !== null && session.rules(at, child.local!.kind === 'folder');
      open.push({ row: child, path: at, isUnseen: one.isUnseen || isHidden });
    }
    each(row);
    pending.push(agreed({ ...row, local: null, ...(one.isUnseen ? { synced: null } : {}) }));
    if (pending.length >= CHUNK_ROWS) {
      await record(session, { rows: pending });
      pending = [];
    }
  }
  if (pending.length > 0) await record(session, { rows: pending });
}
