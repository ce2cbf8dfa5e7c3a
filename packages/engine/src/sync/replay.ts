import {
  changeSum,
  check,
  createViewCache,
  namespaceIdOf,
  needs,
  nextHash,
  NO_NODES,
  parseEntry,
  rootOf,
  type Effects,
  type ParsedEntry,
  type TreeSum,
} from '@onefold/journal';
import { OnefoldError, ROOT_NODE, type Hash, type NodeId, type PlacedEntry, type UserId } from '@onefold/protocol';
import { agreed, syncedBySending } from '../core/agree.ts';
import { isAlive } from '../core/settled.ts';
import type { BlockReference, ContentValue, FileStat, NodeRow, RemoteState } from '../core/tree.ts';
import type { Batch, Cursor } from '../ports.ts';
import { createBreather } from './breather.ts';
import { loadMemberKey, parseMembers, type Members } from './membership.ts';
import { leafOfRow } from './node-digests.ts';
import { openChangeset, type OpenedNode } from './open-changes.ts';
import { createReplayOverlay, visibleState, type ReplayOverlay } from './replay-overlay.ts';
import { record, type Session } from './session.ts';
import { isUntickedAt } from './selection.ts';
import { followRewind, rewindFact } from './start-over.ts';

const CHUNK_ROWS = 1_000;

/** What this device knows about a file it has just sent: the bytes it read and the stat under which it read them. */
export type Identified = ReadonlyMap<NodeId, { readonly stat: FileStat; readonly content: ContentValue }>;

export interface ReplayResult {
  /** Entries of this very device that its own state does not know: the state is a copy or a backup. */
  readonly isStateOld: boolean;
  readonly quarantined: readonly NodeId[];
}

interface Replay {
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

/**
 * Replays entries that follow the cursor, through the same predicate the server ran, into Remote rows; one transaction, with `also` in it. Throws a security
 * error when they do not extend the journal this device knows, or break its rules: then nothing of them is kept.
 */
export async function replay(
  session: Session,
  entries: readonly PlacedEntry[],
  identified: Identified = new Map(),
  also: Pick<Batch, 'inFlight' | 'activity'> = {},
): Promise<ReplayResult> {
  const run: Replay = {
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
  for (const placed of entries) await replayEntry(run, placed);
  if (run.cursor === null) return { isStateOld: false, quarantined: [] };
  const batch: Batch = {
    rows: run.overlay.touchedRows(),
    references: [...run.overlay.references].map(([node, value]) => ({ node, value })),
    blocks: run.blocks,
    hashes: [...run.overlay.hashes].map(([seq, hash]) => ({ seq, hash })),
    members: JSON.stringify(run.members),
    treeSum: run.sum,
    cursor: run.cursor,
    ...(session.rewind === null ? {} : { facts: rewindFact(session.rewind) }),
    ...also,
  };
  await record(session, batch);
  return { isStateOld: run.isStateOld, quarantined: [...run.quarantined] };
}

async function replayEntry(run: Replay, placed: PlacedEntry): Promise<void> {
  const expected = run.cursor === null ? 0 : run.cursor.remoteSeq + 1;
  if (placed.seq !== expected)
    throw new OnefoldError('journal-invalid', 'the journal has a gap', { details: { seq: placed.seq } });
  const entry = parseEntry(placed);
  const hash = hashOf(run, entry, placed.seq);
  const { effects, user } = await accept(run, entry);
  if (run.session.rewind !== null) await followRewind(run.session, placed.seq, hash);
  // The entries that follow are sealed under it.
  if (entry.type === 'epoch') await run.session.ports.keys.openEpoch(entry);
  advance(run, entry, effects, user, placed.seq, hash);
  if (entry.type === 'changeset') await applyChangeset(run, entry, effects);
}

function hashOf(run: Replay, entry: ParsedEntry, seq: number): Hash {
  if (run.cursor !== null) return nextHash(run.cursor.remoteHash, seq, entry.hash);
  if (entry.type !== 'genesis' || namespaceIdOf(entry.raw) !== run.session.options.namespaceId) {
    throw new OnefoldError('journal-invalid', 'the journal does not begin with the genesis of this namespace');
  }
  return entry.hash;
}

async function accept(run: Replay, entry: ParsedEntry): Promise<{ effects: Effects; user: UserId }> {
  const { cursor, session } = run;
  const view = createViewCache(
    cursor === null
      ? { head: { seq: -1, hash: '' as Hash }, epoch: 0 }
      : {
          namespaceId: session.options.namespaceId,
          head: { seq: cursor.remoteSeq, hash: cursor.remoteHash },
          epoch: cursor.epoch,
        },
  );
  const pinned = entry.type === 'genesis' || entry.type === 'pin' || entry.type === 'member' ? entry.body.pin : null;
  for (let keys = needs(entry, view); keys.length > 0; keys = needs(entry, view)) {
    const nodes: NodeId[] = [];
    const children: Extract<(typeof keys)[number], { kind: 'child' }>[] = [];
    for (const key of keys) {
      if (key.kind === 'node') nodes.push(key.node);
      else if (key.kind === 'child') children.push(key);
      else if (key.kind === 'hash')
        view.put(key, run.overlay.hashes.get(key.seq) ?? (await session.ports.store.hashAt(key.seq)));
      else if (key.kind === 'changed-after') view.put(key, await run.overlay.changedAfter(key.seq));
      else if (key.kind === 'root')
        view.put(key, run.sum === null ? undefined : { count: run.sum.count, hash: rootOf(run.sum) });
      else await loadMemberKey(view, run.members, session.ports.keys, key, pinned);
    }
    await run.overlay.load(nodes);
    for (const node of nodes) view.put({ kind: 'node', node }, visibleState(node, run.overlay.row(node).remote));
    if (children.length > 0) {
      const found = await run.overlay.childrenByTag(children);
      children.forEach((key, i) => view.put(key, found[i]));
    }
  }
  const result = check(entry, view);
  if (result.outcome === 'accepted') {
    const user = entry.type === 'genesis' ? entry.body.owner : view.userOfDevice(entry.header.device);
    if (user !== undefined) return { effects: result.effects, user };
  }
  const why = result.outcome === 'invalid' ? `${result.code}, ${result.message}` : result.outcome;
  throw new OnefoldError('journal-invalid', `the server accepted an entry that breaks the rules: ${why}`, {
    details: {
      seq: (cursor?.remoteSeq ?? -1) + 1,
      ...(result.outcome === 'refused' ? { refusals: result.refusals } : {}),
    },
  });
}

function advance(run: Replay, entry: ParsedEntry, effects: Effects, user: UserId, seq: number, hash: Hash): void {
  const { device, deviceSeq } = effects;
  const isOwn = device === run.session.device;
  const before = run.cursor;
  const isRewinding = run.session.rewind !== null;
  // Words about keys may be said for a folder that cannot be opened at the moment; they tell nothing about files.
  if (isOwn && !isRewinding && deviceSeq > (before?.deviceSeq ?? -1) && entry.type === 'changeset')
    run.isStateOld = true;
  run.cursor = {
    remoteSeq: seq,
    remoteHash: hash,
    recoveryEpoch: before?.recoveryEpoch ?? 0,
    epoch: effects.epoch ?? before?.epoch ?? 0,
    deviceSeq: isOwn ? Math.max(before?.deviceSeq ?? -1, deviceSeq) : (before?.deviceSeq ?? -1),
    ownSeq: isOwn ? seq : (before?.ownSeq ?? -1),
  };
  run.overlay.hashes.set(seq, hash);
  run.members = withEntry(run.members, entry, effects, user, seq);
}

/** Who may write, and to whose keys the epoch is sealed, after one more entry. */
export function withEntry(
  before: Members,
  entry: ParsedEntry,
  { member, device, deviceSeq }: Pick<Effects, 'member' | 'device' | 'deviceSeq'>,
  user: UserId,
  seq: number,
): Members {
  const { members, devices, sealedTo } = before;
  const secrets =
    entry.type === 'genesis' || entry.type === 'epoch' || entry.type === 'member' ? entry.body.secrets : [];
  return {
    ...before,
    ...(entry.type === 'checkpoint' ? { checkpointSeq: seq } : {}),
    members: member === undefined ? members : { ...members, [member.user]: member },
    devices: { ...devices, [device]: { user, deviceSeq, seq } },
    sealedTo: { ...sealedTo, ...Object.fromEntries(secrets.map((secret) => [secret.user, secret.generation])) },
  };
}

async function applyChangeset(
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
