import { changeSum, type Effects, type ParsedEntry, type TreeSum } from '@onefold/journal';
import { ROOT_NODE, type Hash, type NodeId } from '@onefold/protocol';
import { agreed, syncedBySending } from '../core/agree.ts';
import { isAlive } from '../core/settled.ts';
import type { NodeRow, RemoteState } from '../core/tree.ts';
import { createBreather } from './breather.ts';
import { leafOfRow } from './node-digests.ts';
import { openChangeset, type OpenedNode } from './open-changes.ts';
import type { ReplayOverlay } from './replay-overlay.ts';
import type { Replay } from './replay-state.ts';
import { isUntickedAt } from './selection.ts';
import { record } from './session.ts';

const CHUNK_ROWS = 1_000;

/** Takes an accepted changeset into the rows. */
export async function applyChangeset(
  run: Replay,
  entry: Extract<ParsedEntry, { type: 'changeset' }>,
  effects: Effects,
): Promise<void> {
  const { session, overlay } = run;
  const { sealing } = session.ports;
  await overlay.load([...effects.nodes.keys()]);
  const breathe = createBreather(session.ports.clock);
  const opened = await openChangeset(sealing, entry, effects, (node) => overlay.row(node).remote, breathe);
  const isOwn = entry.header.device === session.device && !run.isStateOld && session.rewind === null;
  const isOwnUser = run.members.devices[entry.header.device]?.user === sealing.user;
  run.before = new Map([...opened.keys()].map((node) => [node, overlay.row(node).remote]));
  run.sum = sumAfter(run.sum, run.before, opened);
  await loadAbove(run, opened);
  for (const [node, { remote }] of opened) overlay.put({ ...overlay.row(node), remote });
  for (const [node, result] of opened) applyNode(run, node, result, isOwn, isOwnUser);
  for (const [node, { isCreated, remote }] of opened) {
    const [was, is] = [run.before.get(node) ?? null, overlay.row(node).remote!];
    const isOther = isAlive(was) !== isAlive(is) || was?.unticked !== is.unticked;
    if (remote.kind === 'folder' && !isCreated && isOther) await markBelow(run, node);
  }
}

function sumAfter(
  sum: TreeSum | null,
  before: ReadonlyMap<NodeId, RemoteState | null>,
  opened: ReadonlyMap<NodeId, OpenedNode>,
): TreeSum | null {
  if (sum === null) return null;
  const was = [...before.values()].flatMap((remote) => (remote === null ? [] : [leafOfRow(remote)]));
  const is = [...opened.values()].map(({ remote }) => leafOfRow(remote));
  if (!areKnown(was) || !areKnown(is)) return null;
  return changeSum(sum, was, is);
}

function areKnown(leaves: readonly (Hash | null)[]): leaves is readonly Hash[] {
  return leaves.every((leaf) => leaf !== null);
}

/** The overlay already holds the visible halves of the whole changeset. */
function applyNode(run: Replay, node: NodeId, result: OpenedNode, isOwn: boolean, isOwnUser: boolean): void {
  const { overlay, session } = run;
  const before = run.before.get(node) ?? null;
  const row = { ...overlay.row(node), remote: before };
  const hiddenAbove = isBelowHidden(overlay, result.remote.parent);
  const unticked =
    session.unticked.size > 0 &&
    isAlive({ ...result.remote, hiddenAbove }) &&
    isUntickedAt(session, (at) => overlay.row(at).remote, node, result.remote.parent);
  const remote = { ...result.remote, hiddenAbove, unticked };
  const local = withIdentified(run, row);
  const synced = isOwn ? syncedBySending({ ...row, local }, remote) : row.synced;
  // Before the whole journal is read anew, what was synced says nothing about it.
  overlay.put(session.rewind === null ? agreed({ node, local, remote, synced }) : { node, local, remote, synced });
  if (result.references !== undefined) {
    overlay.references.set(node, result.references);
    // Only what this user's devices wrote may be used again without an upload: others could point at bytes they never sent.
    if (isOwnUser && result.references !== null) {
      run.blocks.push(...(result.references.references ?? []), ...result.references.manifest);
    }
  }
  if (remote.quarantined) run.quarantined.add(node);
  else run.quarantined.delete(node);
}

/** Folders above what changed, where it matters whether they are to be here: the predicate did not ask for all of them. */
async function loadAbove({ overlay, session }: Replay, opened: ReadonlyMap<NodeId, OpenedNode>): Promise<void> {
  if (session.unticked.size === 0) return;
  const known = new Set<NodeId>();
  let level = new Set([...opened.values()].map(({ remote }) => remote.parent));
  while (level.size > 0) {
    const missing = [...level].filter((node) => node !== ROOT_NODE && !known.has(node));
    await overlay.load(missing);
    for (const node of missing) known.add(node);
    level = new Set(missing.flatMap((node) => overlay.row(node).remote?.parent ?? []));
  }
}

function isBelowHidden(overlay: ReplayOverlay, parent: NodeId): boolean {
  for (let at = parent; at !== ROOT_NODE;) {
    const remote = overlay.row(at).remote;
    if (remote === null) return false;
    if (remote.hidden) return true;
    at = remote.parent;
  }
  return false;
}

function withIdentified(run: Replay, row: NodeRow): NodeRow['local'] {
  const known = run.identified.get(row.node);
  const { local } = row;
  if (known === undefined || local === null || local.content !== null) return local;
  const isSame =
    local.stat.inode === known.stat.inode &&
    local.stat.ctimeNs === known.stat.ctimeNs &&
    local.stat.mtimeNs === known.stat.mtimeNs;
  return isSame && local.stat.sizeBytes === known.stat.sizeBytes ? { ...local, content: known.content } : local;
}

/**
 * Tells every node below a folder that became hidden or visible, or that went into or out of a folder that is not to be here. Rows that the page did not touch are written at once, in bounded
 * transactions: should the page not be committed after all, its replay writes the same again.
 */
async function markBelow(run: Replay, folder: NodeId): Promise<void> {
  const { overlay, session } = run;
  let pending: NodeRow[] = [];
  const top = overlay.row(folder).remote!;
  const open = [{ node: folder, isHidden: !isAlive(top), isUnticked: top.unticked }];
  for (let above = open.pop(); above !== undefined; above = open.pop()) {
    for (const child of await overlay.remoteChildren(above.node)) {
      const remote = child.remote!;
      const hiddenAbove = above.isHidden;
      const isHidden = remote.hidden || hiddenAbove;
      const unticked = !isHidden && (above.isUnticked || session.unticked.has(child.node));
      const isOther = remote.hiddenAbove !== hiddenAbove || remote.unticked !== unticked;
      // A folder hidden by its own flag hides what is below it whatever happens above.
      if (remote.kind === 'folder' && !remote.hidden) open.push({ node: child.node, isHidden, isUnticked: unticked });
      if (!isOther) continue;
      const marked = { ...child, remote: { ...remote, hiddenAbove, unticked } };
      const next = session.rewind === null ? agreed(marked) : marked;
      if (overlay.rows.has(child.node)) overlay.put(next);
      else pending.push(next);
      if (pending.length >= CHUNK_ROWS) {
        await record(session, { rows: pending });
        pending = [];
      }
    }
  }
  if (pending.length > 0) await record(session, { rows: pending });
}
