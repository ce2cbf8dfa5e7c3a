import { ERROR_REACTIONS, type ErrorCode, type NodeId } from '@onefold/protocol';
import type { Waiting } from '../core/operation.ts';
import type { Store } from '../ports.ts';
import { isConnectionLost, type CycleResult } from './cycle.ts';
import type { Circumstances } from './explain.ts';
import type { Scanner } from './scanner-port.ts';
import type { Session } from './session.ts';
import { engineState, isPressing, type EngineStatus } from './status.ts';

/** What an engine says of itself, taken from where it is between and within cycles. */
export interface Moment {
  readonly scanner: Scanner;
  readonly last: CycleResult | null;
  readonly counts: Awaited<ReturnType<Store['counts']>>;
  readonly isPaused: boolean;
}

function isExcused({ guard, patience }: Session, node: NodeId, why: Waiting): boolean {
  if (why === 'ignored' || why === 'blocked' || why === 'unticked' || why === 'kept-there' || why === 'one-way')
    return true;
  return why === 'parked' && (guard.isHeld(node) || isPersonsTurn(patience.codeOf(node)));
}

function isPersonsTurn(code: ErrorCode | null): boolean {
  if (code === null) return false;
  const reaction = ERROR_REACTIONS[code];
  return reaction === 'ask-user' || reaction === 'stop' || reaction === 'security';
}

/** A large file is among the unsettled until it is committed or in its place: what of it has travelled is taken off. */
function bytesLeft(session: Session, { counts }: Moment): number {
  const travelled = session.transfers.running().reduce((sum, { doneBytes }) => sum + doneBytes, 0);
  return Math.max(0, counts.bytesToMove - travelled);
}

/** Files to be sent again that nobody need be asked about. */
export function lostPending({ lostContents, patience }: Session): number {
  const left = lostContents.list().filter((node) => !isPersonsTurn(patience.codeOf(node))).length;
  return left + (lostContents.isUnsure() ? 1 : 0);
}

/** So many nodes are left that nobody need be asked about. */
export function pendingCount(session: Session, { last, counts, scanner }: Moment): number {
  let excused = 0;
  for (const [node, why] of last?.reconciled?.waiting ?? []) if (isExcused(session, node, why)) excused++;
  // What travels is among the unsettled, as a rule: it must not count twice.
  const unsettled = Math.max(counts.unsettled - excused, session.transfers.running().length);
  return unsettled + scanner.unripe() + scanner.vacated() + lostPending(session);
}

export function statusAt(session: Session, moment: Moment): EngineStatus {
  const { scanner, last, counts, isPaused } = moment;
  const attention = session.attention.list();
  const pending = pendingCount(session, moment);
  const isStopped = session.stopped !== null || last?.isRootSeen === false;
  return {
    state: engineState({
      isPaused,
      isOffline: last !== null && !last.isConnected && !isPaused && !isStopped,
      isStopped,
      isWorking: last === null || last.isMore || scanner.isBusy(),
      pending,
      attention,
    }),
    pending,
    notYetSafe: counts.notYetSafe + scanner.unripe() + session.lostContents.count(),
    attention: attention.filter(isPressing),
    waiting: [...scanner.troubles()].map(([path, code]) => ({ path, code })),
    files: counts.files,
    folders: counts.folders,
    head: session.cursor?.remoteSeq ?? -1,
    connected: last?.isConnected === true,
    offlineBecause: last !== null && !last.isConnected && isConnectionLost(last.code) ? last.code : null,
    isWatchLimited: session.isWatchLimited,
    progress: {
      items: session.transfers.running(),
      speed: session.transfers.speed(),
      bytesLeft: bytesLeft(session, moment),
    },
  };
}

export function circumstancesAt(session: Session, { scanner, last, isPaused }: Moment): Circumstances {
  return {
    isPaused,
    isConnected: last?.isConnected === true,
    stopped:
      session.stopped ?? (last?.isRootSeen === false ? (session.attention.get('root')?.code ?? 'root-missing') : null),
    troubles: scanner.troubles(),
    isUnripe: (path) => scanner.isUnripe(path),
    waitingOf: ({ node }) => last?.reconciled?.waiting.get(node) ?? null,
  };
}
