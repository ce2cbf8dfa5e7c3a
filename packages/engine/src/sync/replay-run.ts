import {
  check,
  createViewCache,
  namespaceIdOf,
  needs,
  nextHash,
  parseEntry,
  rootOf,
  type Effects,
  type ParsedEntry,
} from '@onefold/journal';
import { OnefoldError, type Hash, type NodeId, type PlacedEntry, type UserId } from '@onefold/protocol';
import { loadMemberKey, type Members } from './membership.ts';
import { applyChangeset } from './replay-changeset.ts';
import { visibleState } from './replay-overlay.ts';
import type { Replay } from './replay-state.ts';
import { followRewind } from './start-over.ts';

/** Takes in the entry that follows the run's cursor, through the predicate. Throws a security error when it does not extend the journal or breaks its rules. */
export async function replayEntry(run: Replay, placed: PlacedEntry): Promise<void> {
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

/** Passes by a changeset that is no longer kept, of which there is the hash alone: from here on the tree is not known, nor who wrote last. */
export async function passBy(run: Replay, entry: Hash): Promise<void> {
  const { cursor, session } = run;
  if (cursor === null) throw new OnefoldError('journal-invalid', 'the journal does not begin with a genesis');
  const seq = cursor.remoteSeq + 1;
  const hash = nextHash(cursor.remoteHash, seq, entry);
  if (session.rewind !== null) await followRewind(session, seq, hash);
  run.cursor = { ...cursor, remoteSeq: seq, remoteHash: hash };
  run.overlay.hashes.set(seq, hash);
  run.members = { ...run.members, isGapped: true };
  run.sum = null;
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
    ...before,
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
function withEntry(
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
