import { sha256, signEntry } from '@onefold/journal';
import {
  changesetBodySchema,
  encodeWire,
  LIMITS,
  OnefoldError,
  toHex,
  type Change,
  type EntryType,
  type LaterHeader,
  type OpId,
  type Refusal,
  type SignedEntry,
} from '@onefold/protocol';
import { agreed } from '../core/agree.ts';
import type { Batch, InFlight } from '../ports.ts';
import { createBreather } from './breather.ts';
import { activityOf } from './own-activity.ts';
import { changesOf, nodesReplacingContent } from './changes.ts';
import { isNoRoom } from './no-room.ts';
import { requirePull } from './pull.ts';
import {
  isFinalAnswer,
  lookUp,
  mayDivide,
  middleOf,
  NO_REFUSALS,
  parkRefused,
  parkUntried,
  refusedChange,
} from './refused-entry.ts';
import { replay } from './replay.ts';
import type { Identified } from './replay-state.ts';
import { isSameObservation } from './ripeness.ts';
import { record, type Session } from './session.ts';
import type { Draft, InlinePack, ReadyUnit } from './travelling.ts';
import { succeed } from './succeed.ts';

export type CommitOutcome =
  /** `isOvertaken`: others had committed before, and their entries were read. What was planned without them must be planned anew. */
  | { readonly outcome: 'committed'; readonly isOvertaken: boolean }
  /** Nothing to say after all. */
  | { readonly outcome: 'empty' }
  /** Somebody was faster, or blocks are gone: the trees are fresh, plan again. */
  | { readonly outcome: 'lost'; readonly refusals: readonly Refusal[] };

/** The server's last word about an entry, which stands nowhere and is forgotten. */
interface Barred {
  readonly outcome: 'barred';
  readonly error: OnefoldError;
}

/** Room left in an entry for what surrounds the changes. */
const BODY_BYTES = LIMITS.entryBytes - 64 * 1024;

/**
 * Signs the changes of a draft against the head known here and commits them. At most one entry is on the way: its bytes are kept until its
 * outcome is known. What the server takes in no entry waits with its reason, and the rest is committed. Throws when the outcome stays open, and what says that
 * there is no room.
 */
export async function commitDraft(session: Session, draft: Draft): Promise<CommitOutcome> {
  const { sealing, store } = session.ports;
  const cursor = session.cursor!;
  const replacing = nodesReplacingContent(draft.units);
  const stored = replacing.length === 0 ? [] : await store.references(replacing);
  const references = new Map(replacing.map((node, i) => [node, stored[i] ?? null]));
  const said: ReadyUnit[] = [];
  const changes: Change[] = [];
  const breathe = createBreather(session.ports.clock);
  for (const unit of draft.units) {
    const breath = breathe();
    if (breath !== null) await breath;
    const mayBeLost = session.lostContents.mayBeLost(unit.row);
    const its = changesOf(sealing, unit, cursor.epoch, references.get(unit.row.node) ?? null, mayBeLost);
    if (its.length > 0) said.push(unit);
    changes.push(...its);
  }
  const quiet = draft.units.filter((unit) => !said.includes(unit));
  await keepIdentified(session, quiet);
  if (changes.length === 0) return { outcome: 'empty' };
  if (changes.length > LIMITS.changesPerEntry) return commitHalves(session, { ...draft, units: said });
  const body = encodeWire(changesetBodySchema, { changes });
  if (body.length > BODY_BYTES) return commitHalves(session, { ...draft, units: said });
  const entry = sign(session, 'changeset', body);
  const inFlight: InFlight = {
    opId: entry.opId,
    entry: entry.signed,
    uploadId: draft.uploadId,
    nodes: said.map(({ row }) => row.node),
  };
  await record(session, { inFlight, cursor: { ...session.cursor!, deviceSeq: entry.deviceSeq } });
  const activity = await activityOf(session, said);
  const outcome = await send(session, inFlight, draft.pack, identifiedBy(said), activity);
  if (outcome.outcome === 'barred') return commitWhatIsTaken(session, { ...draft, units: said }, outcome.error);
  if (outcome.outcome === 'committed') {
    session.refusals = NO_REFUSALS;
    await succeed(
      session,
      said.map(({ row }) => row),
    );
  }
  return outcome;
}

/** The server does not take the draft as one entry: it is said in parts, and of what is not taken by itself people are told. */
async function commitWhatIsTaken(session: Session, draft: Draft, error: OnefoldError): Promise<CommitOutcome> {
  // What has no room is chosen by its size, for all drafts at once.
  if (isNoRoom(error.code)) throw error;
  const middle = middleOf(draft.units);
  if (middle !== null && mayDivide(session)) return commitParts(session, draft, middle);
  if (middle !== null) return commitEitherPart(session, draft, middle);
  await parkRefused(session, draft.units, error);
  return { outcome: 'empty' };
}

/** Nothing was taken for long. Chance finds what is taken, wherever it stands, and the server is asked a few times instead of once for each change. */
async function commitEitherPart(session: Session, draft: Draft, middle: number): Promise<CommitOutcome> {
  const parts = [draft.units.slice(0, middle), draft.units.slice(middle)] as const;
  const [tried, left] = session.ports.random.fraction() < 0.5 ? parts : [parts[1], parts[0]];
  await parkUntried(session, left);
  return commitDraft(session, { ...draft, units: tried });
}

/** Too much for one entry. */
function commitHalves(session: Session, draft: Draft): Promise<CommitOutcome> {
  const middle = middleOf(draft.units);
  if (middle !== null) return commitParts(session, draft, middle);
  return commitWhatIsTaken(session, draft, new OnefoldError('body-too-large', 'one change does not fit into an entry'));
}

/** Its blocks are with the server either way, and ride along with the first part. */
async function commitParts(session: Session, draft: Draft, middle: number): Promise<CommitOutcome> {
  const first = await commitDraft(session, { ...draft, units: draft.units.slice(0, middle) });
  if (first.outcome === 'lost' || (first.outcome === 'committed' && first.isOvertaken)) return first;
  return commitDraft(session, { ...draft, pack: null, units: draft.units.slice(middle) });
}

function sign(session: Session, type: Exclude<EntryType, 'genesis'>, body: Uint8Array) {
  const { sealing, random } = session.ports;
  const cursor = session.cursor!;
  const opId = toHex(random.bytes(16)) as OpId;
  const deviceSeq = cursor.deviceSeq + 1;
  const header: LaterHeader = {
    format: 1,
    type,
    namespaceId: session.options.namespaceId,
    epoch: cursor.epoch,
    device: session.device,
    deviceSeq,
    baseSeq: cursor.remoteSeq,
    baseHash: cursor.remoteHash,
    opId,
    changesHash: sha256(body),
  };
  const signed: SignedEntry = signEntry((message) => sealing.sign(message), header, body);
  return { opId, deviceSeq, signed };
}

/** Sends an entry whose outcome is unknown, as often as needed by the caller, always the same bytes. `activity`: what people are told once it counts. */
async function send(
  session: Session,
  inFlight: InFlight,
  pack: InlinePack | null,
  identified: Identified,
  activity: Batch['activity'] = [],
): Promise<CommitOutcome | Barred> {
  const { remote } = session.ports;
  const { entry, uploadId } = inFlight;
  const request = { entry, ...(uploadId === null ? {} : { uploadId }), ...(pack === null ? {} : { pack }) };
  const answer = await remote.commit(request).catch(async (thrown: unknown) => {
    if (!isFinalAnswer(thrown)) throw thrown;
    const seq = await lookUp(session, entry);
    return seq === null ? ({ outcome: 'barred', error: thrown } as const) : ({ outcome: 'committed', seq } as const);
  });
  if (answer.outcome === 'barred') {
    session.ports.log.write('warn', 'entry-refused', {
      folder: session.options.folderId,
      code: answer.error.code,
      message: answer.error.message,
      changes: inFlight.nodes.length,
    });
    // It stands nowhere, and sending it again would only keep everything else from its turn.
    await record(session, { inFlight: null });
    return answer;
  }
  if (answer.outcome === 'committed') {
    const isNext = session.cursor!.remoteSeq + 1 === answer.seq;
    // In one transaction: each costs a flush of the disk, and a lone edit consists of little else.
    const settled: Batch = { inFlight: null, activity };
    if (isNext) await replay(session, [{ ...entry, seq: answer.seq }], identified, settled);
    else {
      if (session.cursor!.remoteSeq < answer.seq) await requirePull(session);
      await record(session, settled);
    }
    return { outcome: 'committed', isOvertaken: !isNext };
  }
  if (answer.outcome === 'blocks-missing') for (const ctHash of answer.missing) session.transfers.lost.add(ctHash);
  await record(session, { inFlight: null });
  await requirePull(session);
  return { outcome: 'lost', refusals: answer.outcome === 'refused' ? answer.refusals : [] };
}

/** Learns what became of an entry that was on the way when the connection or the process ended. */
export async function resolveInFlight(session: Session): Promise<void> {
  const inFlight = await session.ports.store.inFlight();
  if (inFlight === null) return;
  try {
    // What is refused for good is planned anew, and said in parts.
    await send(session, inFlight, null, new Map());
  } catch (thrown) {
    if (!(thrown instanceof OnefoldError)) throw thrown;
    // `behind`: the entry can never be accepted any more, since others were committed after it was signed. `device-cloned`: since a later one of
    // this device was; whether that is a copy of it, or its own word about keys, the journal tells. So it does of a restored server, which knows
    // nothing of what the entry is based on.
    if (thrown.code === 'device-cloned' || thrown.code === 'journal-fork') await requirePull(session);
    if (thrown.code !== 'device-cloned' && thrown.reaction !== 'retry') throw thrown;
    await record(session, { inFlight: null });
  }
}

/** Signs an entry about people, keys or the state, and commits it. False when others had committed before: what was planned without them must be planned anew. Throws `change-refused` when the server takes no such entry. */
export async function commitAlone(
  session: Session,
  type: 'pin' | 'epoch' | 'checkpoint',
  body: Uint8Array,
): Promise<boolean> {
  const { opId, deviceSeq, signed } = sign(session, type, body);
  const inFlight: InFlight = { opId, entry: signed, uploadId: null, nodes: [] };
  await record(session, { inFlight, cursor: { ...session.cursor!, deviceSeq } });
  const outcome = await send(session, inFlight, null, new Map());
  if (outcome.outcome === 'barred') throw refusedChange(outcome.error);
  return outcome.outcome === 'committed' && !outcome.isOvertaken;
}

function identifiedBy(units: readonly ReadyUnit[]): Identified {
  return new Map(
    units
      .filter((unit) => unit.content !== null)
      .map(({ row, content }) => [row.node, { stat: row.local!.stat, content: content!.value }]),
  );
}

/**
 * Files that were touched but say nothing new: their bytes are known again. The rows are those of now: the journal may have gone on since the
 * files were read.
 */
async function keepIdentified(session: Session, units: readonly ReadyUnit[]): Promise<void> {
  const known = units.filter(({ content }) => content !== null);
  const found = known.length === 0 ? [] : await session.ports.store.rows(known.map(({ row }) => row.node));
  const rows = known.flatMap(({ row: before, content }, i) => {
    const row = found[i];
    if (row?.local == null || !isSameObservation(row.local.stat, before.local!.stat)) return [];
    return [agreed({ ...row, local: { ...row.local, content: content!.value } })];
  });
  if (rows.length > 0) await record(session, { rows });
  if (units.length > 0)
    await succeed(
      session,
      units.map(({ row }) => row),
    );
}
