import { ERROR_REACTIONS, OnefoldError, toOnefoldError, type ErrorCode } from '@onefold/protocol';
import type { Waiting } from '../core/operation.ts';
import { joinPath } from '../core/names.ts';
import { isAlive, isSettled } from '../core/settled.ts';
import type { NodeRow, RelPath } from '../core/tree.ts';
import { findNode } from './browse.ts';
import { meaningOf } from './meaning.ts';
import type { Session } from './session.ts';

/** One reason why an entry is, or is not, in step. `code` is one of the control surface's closed list. */
export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
  readonly cause?: ErrorCode;
  /** Wall clock, milliseconds. */
  readonly retryAtMs?: number;
}

export type ReasonCode =
  | 'in-step'
  | 'ignored'
  | 'frozen'
  | 'unticked'
  | 'kept-unticked'
  | 'kept-there'
  | 'one-way'
  | 'own-folder'
  | 'special-file'
  | 'unreadable'
  | 'still-changing'
  | 'not-seen-yet'
  | 'to-be-sent'
  | 'to-be-fetched'
  | 'lost-there'
  | 'travelling'
  | 'tried-again'
  | 'needs-you'
  | 'held'
  | 'quarantined'
  | 'local-only'
  | 'blocked'
  | 'paused'
  | 'offline'
  | 'folder-stopped';

/** What the engine knows beside its trees. */
export interface Circumstances {
  readonly isPaused: boolean;
  readonly isConnected: boolean;
  /** Why the whole folder stands still; null while it does not. */
  readonly stopped: ErrorCode | null;
  readonly troubles: ReadonlyMap<RelPath, ErrorCode>;
  isUnripe(path: RelPath): boolean;
  /** Why the last plan left it as it is. */
  waitingOf(row: NodeRow): Waiting | null;
}

/** Whatever else is the matter changes nothing about it. */
const FINAL: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'in-step',
  'ignored',
  'frozen',
  'special-file',
  'unticked',
  'kept-unticked',
  'one-way',
]);

/** Why is this not in step? The reason that weighs most first; at least one. Throws `not-found` where nothing is known and nothing stands. */
export async function explain(session: Session, about: Circumstances, path: RelPath): Promise<Reason[]> {
  if (path.split('/')[0] === '.onefold') {
    return [{ code: 'own-folder', message: 'this is where the product keeps its staging and its trash' }];
  }
  const own = await reasonOf(session, about, path);
  if (FINAL.has(own.code)) return [own];
  return [...circumstances(about), own];
}

function circumstances({ stopped, isPaused, isConnected }: Circumstances): Reason[] {
  if (stopped !== null) return [{ code: 'folder-stopped', message: meaningOf(stopped), cause: stopped }];
  if (isPaused) return [{ code: 'paused', message: 'syncing is paused' }];
  return isConnected ? [] : [{ code: 'offline', message: 'the server cannot be reached' }];
}

async function reasonOf(session: Session, about: Circumstances, path: RelPath): Promise<Reason> {
  if (session.rules(path, false) || session.rules(path, true)) {
    const known = path === '' ? undefined : await knownAt(session, path);
    if (known === undefined || !isAlive(known.remote) || !session.rules(path, known.remote.kind === 'folder'))
      return { code: 'ignored', message: 'a rule leaves it out, here and elsewhere' };
    return {
      code: 'frozen',
      message: 'a rule leaves it out since it was synced: it stays as it is, here and elsewhere, until the rule goes',
    };
  }
  const trouble = troubleAt(about.troubles, path);
  if (trouble !== null) return trouble;
  const row = path === '' ? undefined : await knownAt(session, path);
  if (about.isUnripe(path)) return { code: 'still-changing', message: 'it is still being written to' };
  if (row === undefined) return unknownAt(session, path);
  return reasonOfRow(session, about, row);
}

/** The entry itself, or a folder above it, could not be looked at. */
function troubleAt(troubles: ReadonlyMap<RelPath, ErrorCode>, path: RelPath): Reason | null {
  let at = '';
  for (const name of path.split('/')) {
    at = joinPath(at, name);
    const cause = troubles.get(at);
    if (cause === 'special-file') return { code: 'special-file', message: meaningOf(cause), cause };
    if (cause !== undefined) return { code: 'unreadable', message: meaningOf(cause), cause };
  }
  return null;
}

async function knownAt(session: Session, path: RelPath): Promise<NodeRow | undefined> {
  try {
    return await findNode(session, path);
  } catch (thrown) {
    if (toOnefoldError(thrown).code === 'not-found') return undefined;
    throw thrown;
  }
}

async function unknownAt(session: Session, path: RelPath): Promise<Reason> {
  const [stat] = await session.ports.files.stat([path]);
  if (stat == null) throw new OnefoldError('not-found', 'nothing is known of it, and nothing stands there');
  if ('outcome' in stat) return { code: 'unreadable', message: meaningOf(stat.code), cause: stat.code };
  if (stat.kind === 'special') {
    return { code: 'special-file', message: meaningOf('special-file'), cause: 'special-file' };
  }
  return { code: 'not-seen-yet', message: 'it has not been looked at yet' };
}

function reasonOfRow(session: Session, about: Circumstances, row: NodeRow): Reason {
  const { guard, patience, transfers } = session;
  if (row.remote?.quarantined === true) {
    return { code: 'quarantined', message: meaningOf('node-quarantined'), cause: 'node-quarantined' };
  }
  if (guard.isHeld(row.node)) return { code: 'held', message: meaningOf('mass-change'), cause: 'mass-change' };
  const wish = reasonByWish(about, row);
  if (wish !== null) return wish;
  if (isSettled(row) && !session.lostContents.isHere(row.node)) {
    if (row.local !== null && !isAlive(row.remote)) {
      return {
        code: 'local-only',
        message: 'its folder was deleted elsewhere; what is in it here belongs to nobody else',
      };
    }
    return {
      code: 'in-step',
      message: row.local === null ? 'it was deleted, everywhere' : 'the server holds it as it is',
    };
  }
  if (transfers.isBusy(row.node)) return { code: 'travelling', message: 'it is on its way' };
  const waiting = patience.list().find(({ node, code }) => node === row.node && code !== null);
  if (waiting?.code != null) {
    const reaction = ERROR_REACTIONS[waiting.code];
    const isPersons = reaction !== 'retry' && reaction !== 'back-off';
    return {
      code: isPersons ? 'needs-you' : 'tried-again',
      message: meaningOf(waiting.code),
      cause: waiting.code,
      retryAtMs: waiting.retryAtMs,
    };
  }
  if (session.lostContents.isHere(row.node))
    return { code: 'lost-there', message: 'the server has lost part of it: it is sent again from here' };
  if (about.waitingOf(row) === 'blocked') return { code: 'blocked', message: 'something else stands where it belongs' };
  const isComing =
    row.local === null || (row.synced !== null && row.remote?.lastSeq !== undefined && !isHereNewer(row));
  return isComing
    ? { code: 'to-be-fetched', message: 'it changed elsewhere and is fetched in its turn' }
    : { code: 'to-be-sent', message: 'it changed here and is sent in its turn' };
}

/** What is so because somebody wants it so. */
function reasonByWish(about: Circumstances, row: NodeRow): Reason | null {
  const why = about.waitingOf(row);
  if (why === 'ignored' && row.local !== null)
    return {
      code: 'frozen',
      message: 'it was moved elsewhere to where a rule leaves it out: it stays until the rule goes',
    };
  if (why === 'kept-there')
    return { code: 'kept-there', message: 'it was deleted here, and stays elsewhere for what in it is not kept here' };
  if (why === 'one-way')
    return {
      code: 'one-way',
      message: 'it differs from the server, in a folder that goes one way only: both stay as they are',
    };
  if (row.remote?.unticked !== true && why !== 'unticked') return null;
  if (row.local === null)
    return { code: 'unticked', message: 'its folder is not to be on this device; the server has it' };
  return {
    code: 'kept-unticked',
    message: 'its folder is not to be on this device, but no version holds it as it is here: it stays, and is not sent',
  };
}

function isHereNewer({ local, remote, synced }: NodeRow): boolean {
  if (local === null || synced === null || remote === null) return local !== null;
  const { placeVersion, contentVersion, attributesVersion } = synced;
  return (
    remote.placeVersion === placeVersion &&
    remote.contentVersion === contentVersion &&
    remote.attributesVersion === attributesVersion
  );
}
