import { isOutOfAccount, toOnefoldError, type ErrorCode, type NodeId } from '@onefold/protocol';
import type { UpOperation } from '../core/operation.ts';
import { isSettled } from '../core/settled.ts';
import type { NodeRow } from '../core/tree.ts';
import { upholdAuthority } from './authority.ts';
import { commitDraft, type CommitOutcome } from './commit.ts';
import { isLargeUnit, prepareDraft } from './draft.ts';
import { rekey } from './apply-state.ts';
import { fail, stopSession } from './fail.ts';
import { isNoRoom } from './no-room.ts';
import { pushWhatFits } from './push-what-fits.ts';
import { divideRefused, isToWait, parkUntried } from './refused-entry.ts';
import type { Session } from './session.ts';
import type { Draft, RefusedDraft, Unit } from './travelling.ts';

/** Bytes of content in one changeset: progress is committed at least this often. */
const BYTES_PER_DRAFT = 48 * 1024 * 1024;
/** Far below what an entry may hold: encoding and judging an entry cannot be cut into pieces, and a thousand changes take longer than people should wait for an answer. */
const CHANGES_PER_DRAFT = 250;

/** Answers to an upload after which another one may be taken. `not-found`: the server knows nothing of it any more. */
const UPLOAD_LATER: ReadonlySet<ErrorCode> = new Set(['upload-expired', 'not-found', 'too-many-requests']);

/** Id of the one word about changes that the server, or this device, refuses to take as they are. */
export const STUCK = 'push';

export interface PushResult {
  /** Changesets committed. */
  readonly committed: number;
  /** The call could not be made; nothing more is tried in this cycle. */
  readonly code: ErrorCode | null;
}

/**
 * Says the operations to the journal, in their order, in as few changesets as fit. The next one is read and sealed while one is being
 * committed; never more than one commit is on the way.
 */
export async function push(session: Session, operations: readonly UpOperation[]): Promise<PushResult> {
  let committed = 0;
  let committing: Promise<CommitOutcome> | null = null;
  /** The groups being committed and being prepared. */
  let under: readonly (readonly Unit[])[] = [];
  try {
    const units = await loadUnits(session, operations);
    if (units.length > 0 && !(await upholdAuthority(session))) return { committed: 1, code: null };
    const groups = splitGroups(session, units);
    const parts: (readonly Unit[])[] = [];
    for (;;) {
      const group = parts.shift() ?? nextOf(groups);
      if (group === undefined) break;
      if (isToWait(session)) {
        await parkUntried(session, group);
        continue;
      }
      under = [...under.slice(-1), group];
      const draft = await prepareGroup(session, group);
      const before = await settle();
      if (before === 'lost') return { committed, code: null };
      if ('refused' in draft) {
        parts.unshift(...(await divideRefused(session, group, draft.refused)));
        continue;
      }
      committing = commitDraft(session, draft);
      // Met by `settle`; until then it must not count as unhandled.
      committing.catch(() => undefined);
      if (!session.mayGoOn()) break;
    }
    await settle();
    return { committed, code: null };
  } catch (thrown) {
    await committing?.catch(() => undefined);
    const error = toOnefoldError(thrown);
    if (isNoRoom(error.code)) return goOnWithWhatFits();
    session.ports.log.write(error.code === 'internal' ? 'error' : 'warn', 'push-failed', {
      folder: session.options.folderId,
      code: error.code,
      message: error.message,
    });
    if (error.reaction === 'security' || isOutOfAccount(error.code)) {
      await stopSession(session, error);
    } else if (error.reaction === 'stop' || error.reaction === 'ask-user') {
      // It will not go through by itself: without a word it would look like a slow connection for ever.
      await session.attention.raise({ id: STUCK, code: error.code, path: '', message: error.message });
    }
    return { committed, code: error.code };
  }

  async function goOnWithWhatFits(): Promise<PushResult> {
    // What was committed before the room was used up is not said again.
    const rest = await loadUnits(session, operations, true);
    try {
      const reload = (nodes: ReadonlySet<NodeId>): Promise<Unit[]> =>
        loadUnits(
          session,
          operations.filter(({ node }) => nodes.has(node)).map((operation) => ({ ...operation, joined: false })),
          true,
        );
      const result = await pushWhatFits(session, rest, reload);
      // A large file that was on its way is not sent again at once.
      for (const { row, path } of under.flat().filter((unit) => isLargeUnit(session, unit)))
        await fail(session, row, path, 'up', 'quota-exceeded');
      return { committed: committed + result.committed, code: null };
    } catch (thrown) {
      return { committed, code: toOnefoldError(thrown).code };
    }
  }

  async function settle(): Promise<'lost' | 'gone on'> {
    const outcome = committing === null ? null : await committing;
    committing = null;
    if (outcome === null) return 'gone on';
    if (outcome.outcome === 'committed') {
      committed++;
      // An operation that was right without what others did may undo it: a delete of what they edited meanwhile.
      if (outcome.isOvertaken) return 'lost';
    }
    if (outcome.outcome !== 'lost') return 'gone on';
    await noteRefusals(session, outcome);
    return 'lost';
  }
}

/** What was refused is planned anew; what is refused again and again waits longer each time. */
async function noteRefusals(session: Session, outcome: Extract<CommitOutcome, { outcome: 'lost' }>): Promise<void> {
  const purged = outcome.refusals.filter(({ reason }) => reason === 'blocks-missing').map(({ node }) => node);
  // Deleted so long ago that the server keeps nothing of it: what is here is sent as something new.
  for (const node of new Set(purged)) await rekey(session, node);
  const nodes = [...new Set(outcome.refusals.map(({ node }) => node))].filter((node) => !purged.includes(node));
  session.ports.log.write('info', 'commit-refused', {
    folder: session.options.folderId,
    refusals: outcome.refusals.slice(0, 20),
    count: outcome.refusals.length,
  });
  const rows = nodes.length === 0 ? [] : await session.ports.store.rows(nodes);
  for (const row of rows) if (row !== undefined) await session.patience.failed(row.node, 'up', 'commit-conflict');
}

/** `isAgain`: some of the operations may have been carried out since they were planned. */
async function loadUnits(session: Session, operations: readonly UpOperation[], isAgain = false): Promise<Unit[]> {
  const units: Unit[] = [];
  const astray: NodeRow[] = [];
  const rows = await session.ports.store.rows(operations.map(({ node }) => node));
  for (const [i, operation] of operations.entries()) {
    const row: NodeRow | undefined = rows[i];
    if (row === undefined) continue;
    if (
      isAgain &&
      ((isSettled(row) && operation.lost === undefined) || (operation.place === 'create' && row.remote !== null))
    )
      continue;
    const path = operation.place === 'hide' ? '' : await session.paths.of(row);
    if (path !== null) units.push({ operation, row, path });
    else if (row.local !== null) astray.push(row);
  }
  if (astray.length === 0) return units;
  // They lie in no folder: what they would say is not so.
  await session.lose(astray);
  return [];
}

/** Large files travel beside the cycles, and are committed alone by the one that finds them sent. */
function* splitGroups(session: Session, units: readonly Unit[]): Generator<readonly Unit[], void> {
  let group: Unit[] = [];
  let changes = 0;
  let bytes = 0;
  for (const unit of units) {
    if (isLargeUnit(session, unit)) {
      if (session.transfers.isSent(unit)) yield [unit];
      else session.transfers.upload(unit);
      continue;
    }
    const size = unit.operation.content ? (unit.row.local?.stat.sizeBytes ?? 0) : 0;
    const isFull = changes + mostChanges(unit) > CHANGES_PER_DRAFT || bytes + size > BYTES_PER_DRAFT;
    if (group.length > 0 && isFull && !unit.operation.joined) {
      yield group;
      group = [];
      changes = 0;
      bytes = 0;
    }
    group.push(unit);
    changes += mostChanges(unit);
    bytes += size;
  }
  if (group.length > 0) yield group;
}

/** A new or vanishing node is one change, whatever it holds; of one that is known each register is a change of its own. */
function mostChanges({ operation: { place, content, attributes } }: Unit): number {
  if (place === 'create' || place === 'hide') return 1;
  return [place === 'place', content, attributes].filter(Boolean).length;
}

function nextOf(groups: Iterator<readonly Unit[], void>): readonly Unit[] | undefined {
  const next = groups.next();
  return next.done === true ? undefined : next.value;
}

async function prepareGroup(session: Session, group: readonly Unit[]): Promise<Draft | RefusedDraft> {
  const [first] = group;
  const sent = group.length === 1 && first !== undefined ? session.transfers.takeSent(first) : undefined;
  if (sent !== undefined) return sent;
  try {
    return await prepareDraft(session, group);
  } catch (thrown) {
    const { code } = toOnefoldError(thrown);
    // An upload that the server does not take now is not announced anew with every cycle, and others get their turn.
    if (UPLOAD_LATER.has(code)) for (const { row } of group) await session.patience.failed(row.node, 'up', code);
    throw thrown;
  }
}
