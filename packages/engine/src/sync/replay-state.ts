import { NO_NODES, type TreeSum } from '@onefold/journal';
import type { NodeId } from '@onefold/protocol';
import type { BlockReference, ContentValue, FileStat, RemoteState } from '../core/tree.ts';
import type { Cursor } from '../ports.ts';
import { parseMembers, type Members } from './membership.ts';
import { createReplayOverlay, type ReplayOverlay } from './replay-overlay.ts';
import type { Session } from './session.ts';

/** What this device knows about a file it has just sent: the bytes it read and the stat under which it read them. */
export type Identified = ReadonlyMap<NodeId, { readonly stat: FileStat; readonly content: ContentValue }>;

/** A stretch of the journal on its way into the Remote tree: nothing of it is recorded yet. */
export interface Replay {
  readonly session: Session;
  readonly overlay: ReplayOverlay;
  readonly identified: Identified;
  members: Members;
  /** Over the nodes of the Remote tree; null where it is not known. */
  sum: TreeSum | null;
  cursor: Cursor | null;
  readonly blocks: BlockReference[];
  readonly quarantined: Set<NodeId>;
  /** Remote states before the changeset at hand. */
  before: ReadonlyMap<NodeId, RemoteState | null>;
  isStateOld: boolean;
}

export async function startReplay(session: Session, identified: Identified = new Map()): Promise<Replay> {
  return {
    session,
    identified,
    overlay: createReplayOverlay(session.ports.store),
    members: parseMembers(await session.ports.store.members()),
    sum: session.cursor === null ? NO_NODES : await session.ports.store.treeSum(),
    cursor: session.cursor,
    blocks: [],
    quarantined: new Set(),
    before: new Map(),
    isStateOld: false,
  };
}
