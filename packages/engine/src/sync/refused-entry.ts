import { parseEntry } from '@onefold/journal';
import { equalBytes, OnefoldError, type EntriesResponse, type ErrorCode, type SignedEntry } from '@onefold/protocol';
import { MOST_NAMED } from './attention.ts';
import { backOffMs } from './back-off.ts';
import { fail } from './fail.ts';
import { lastEntriesOf, parseMembers } from './membership.ts';
import { isNoRoom } from './no-room.ts';
import { requirePull } from './pull.ts';
import type { Session } from './session.ts';
import type { Unit } from './travelling.ts';

/*
 * What becomes of an entry that the server will not take:
 *
 *   on its way --final answer--> looked up in the journal --stands-----> committed
 *              --any other-----> sent again                --not there--> forgotten, and what it said is said in parts
 *
 * So is an upload for such changes that the server will not take. Parts that are taken are committed. A change that is refused by itself waits with growing delays, people are told its name, and everything else goes on.
 */

/** They say nothing about the entry: this device is out, or the server shows something else than before. */
const ABOUT_OTHERS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'device-revoked',
  'account-deleted',
  'login-failed',
  'not-found',
  'device-cloned',
  'journal-fork',
]);

const REFUSED = 'change-refused';

/** Refused one after the other with nothing taken between: perhaps it is none of these changes, and what follows is not tried one by one. */
const REFUSED_IN_A_ROW = 16;
/** Until something of it is tried again, at most. */
const MAX_WAIT_MS = 60_000;
export const NO_REFUSALS: Session['refusals'] = { nodes: new Set(), code: REFUSED, untilMs: 0 };

/** Whether the same entry would be answered alike for ever. */
export function isFinalAnswer(thrown: unknown): thrown is OnefoldError {
  if (!(thrown instanceof OnefoldError) || ABOUT_OTHERS.has(thrown.code)) return false;
  return isNoRoom(thrown.code) || (thrown.reaction !== 'retry' && thrown.reaction !== 'back-off');
}

/**
 * The position of a refused entry that stands all the same, since an answer before this one was lost; null when it stands nowhere. The journal alone is
 * believed: who refuses an entry may not have looked whether it is there. Throws when the journal cannot be read, or was cut where it would tell.
 */
export async function lookUp(session: Session, entry: SignedEntry): Promise<number | null> {
  const own = readHeader(entry);
  // What this very device cannot read stands in no journal.
  if (own === null) return null;
  for (let after = own.baseSeq; ;) {
    const page = await readPage(session, after);
    if (page.reset !== undefined) return lookUpAfterReset(session, own.deviceSeq);
    const found = page.entries.find(({ header }) => equalBytes(header, entry.header));
    if (found !== undefined) return found.seq;
    if (page.entries.length === 0) return null;
    after += page.entries.length;
    if (after >= page.head.seq) return null;
  }
}

function readHeader(entry: SignedEntry): { readonly baseSeq: number; readonly deviceSeq: number } | null {
  try {
    const parsed = parseEntry(entry);
    return parsed.type === 'genesis' ? null : parsed.header;
  } catch {
    return null;
  }
}

/** Nothing is replayed: what is planned stays right. A server that was restored is told by pulling, which stops. */
async function readPage(session: Session, after: number): Promise<EntriesResponse> {
  const page = await session.ports.remote.entries(after, after).catch(async (thrown: unknown) => {
    await requirePull(session);
    throw thrown;
  });
  if (page.head.recoveryEpoch === session.cursor!.recoveryEpoch) return page;
  await requirePull(session);
  throw new OnefoldError('server-answer-invalid', 'the answer was of another time of the server');
}

/** The checkpoint that the journal goes on from tells who wrote last, and the trees are those of now. */
async function lookUpAfterReset(session: Session, deviceSeq: number): Promise<number> {
  await requirePull(session);
  const own = lastEntriesOf(parseMembers(await session.ports.store.members())).entries;
  const last = own.find(({ device }) => device === session.device);
  if (last === undefined || last.deviceSeq < deviceSeq)
    throw new OnefoldError('behind', 'the journal was cut after this entry was signed');
  return last.seq;
}

/** Where units may be said in two entries; null where they belong together. */
export function middleOf(units: readonly Unit[]): number | null {
  let middle = Math.floor(units.length / 2);
  while (middle < units.length && units[middle]!.operation.joined) middle++;
  return middle === 0 || middle >= units.length ? null : middle;
}

/** The server does not take what the units need: the parts that are to be tried instead, none where they wait with their reason. */
export async function divideRefused(
  session: Session,
  units: readonly Unit[],
  error: OnefoldError,
): Promise<readonly (readonly Unit[])[]> {
  const middle = middleOf(units);
  if (middle === null) await parkRefused(session, units, error);
  else if (mayDivide(session)) return [units.slice(0, middle), units.slice(middle)];
  else await parkUntried(session, units);
  return [];
}

/** Whether each part of a refused draft is worth being tried. */
export function mayDivide(session: Session): boolean {
  return session.refusals.nodes.size < REFUSED_IN_A_ROW;
}

/** The server has taken nothing for long: what waits for it waits together, so that it is not asked once for each. */
export function isToWait(session: Session): boolean {
  return !mayDivide(session) && session.ports.clock.monotonicMs() < session.refusals.untilMs;
}

/** They are tried again later. People are told of each, and where there are too many, of how many: see tell-what-waits.ts. */
export async function parkRefused(session: Session, units: readonly Unit[], error: OnefoldError): Promise<void> {
  const isDeep = error.code === 'nested-too-deep';
  const code = isDeep ? error.code : REFUSED;
  noteRefusal(session, units, code);
  const named = session.attention.list().filter((item) => item.code === code).length;
  for (const [i, { row, path }] of units.entries()) {
    if (named + i < MOST_NAMED)
      await fail(session, row, path, 'up', code, isDeep ? undefined : refusedChange(error).message);
    else await session.patience.failed(row.node, 'up', code);
  }
}

/** They would be refused as those before them were: they wait without having been tried. */
export async function parkUntried(session: Session, units: readonly Unit[]): Promise<void> {
  for (const { row } of units) await session.patience.failed(row.node, 'up', session.refusals.code);
}

function noteRefusal(session: Session, units: readonly Unit[], code: ErrorCode): void {
  const { clock, random } = session.ports;
  const nodes = new Set([...session.refusals.nodes, ...units.map(({ row }) => row.node)]);
  const waitMs = Math.min(MAX_WAIT_MS, backOffMs(Math.max(1, nodes.size - REFUSED_IN_A_ROW), random.fraction()));
  session.refusals = { nodes, code, untilMs: clock.monotonicMs() + waitMs };
}

/** The server's own code is kept in the words: it means something to whoever runs the server. */
export function refusedChange({ code, message }: OnefoldError): OnefoldError {
  return new OnefoldError(REFUSED, `${code}: ${message}`);
}
