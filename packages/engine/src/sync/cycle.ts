import { isOutOfAccount, toOnefoldError, type ErrorCode } from '@onefold/protocol';
import { proposeCheckpoint } from './checkpoint.ts';
import { resolveInFlight } from './commit.ts';
import { stopSession } from './fail.ts';
import { pull } from './pull.ts';
import { reconcile, type ReconcileResult } from './reconcile.ts';
import type { Scanner } from './scanner-port.ts';
import type { Session } from './session.ts';
import { sweepStaging } from './sweep-staging.ts';
import { settleDisk, settleRemaining } from './settle.ts';

export interface CycleResult {
  /** The server answered; false also when it was not asked. */
  readonly isConnected: boolean;
  /** Why it did not, or what stopped sending or fetching. */
  readonly code: ErrorCode | null;
  /** The root could be looked at. */
  readonly isRootSeen: boolean;
  /** Another cycle should follow at once. */
  readonly isMore: boolean;
  /** Null when nothing was planned: paused, offline, before the first complete scan. */
  readonly reconciled: ReconcileResult | null;
}

/**
 * One cycle: observe the journal, observe the disk, plan, apply, record. Nothing is planned before the first complete scan of this run,
 * because the trees of the last one may be those of a moment before a crash.
 */
export async function runCycle(session: Session, scanner: Scanner, mayTransfer: boolean): Promise<CycleResult> {
  await explainDisk(session);
  const code = mayTransfer && session.stopped === null ? await observeJournal(session) : null;
  const isConnected = mayTransfer && code === null && session.stopped === null;
  const scan = await scanner.turn();
  if (scan.outcome === 'unexplained')
    return { isConnected, code: code ?? 'disk-error', isRootSeen: true, isMore: false, reconciled: null };
  if (scan.outcome === 'unseen') return { isConnected, code, isRootSeen: false, isMore: false, reconciled: null };
  await session.displaced.look();
  const mayPlan = isConnected && scanner.completed() > 0;
  const unasked = mayPlan ? await askWhatIsLost(session) : null;
  // Also without the server, so that it is known after a restart.
  if (scanner.completed() > 0 && session.rewind === null) await session.unheld.settle();
  const reconciled = mayPlan && !isConnectionLost(unasked) ? await reconcile(session) : null;
  if (reconciled !== null && reconciled.code === null && !reconciled.isMore) await proposeCheckpoint(session);
  if (session.sweptAfter < scanner.completed() && (await sweepStaging(session)))
    session.sweptAfter = scanner.completed();
  return {
    isConnected: isConnected && !isConnectionLost(unasked ?? reconciled?.code ?? null),
    code: code ?? unasked ?? reconciled?.code ?? null,
    isRootSeen: true,
    isMore: scan.isMore || reconciled?.isMore === true,
    reconciled,
  };
}

/** Before anything else, as far as the root is there to be asked. */
async function explainDisk(session: Session): Promise<void> {
  if (session.unexplained === 'nothing' || (await session.ports.files.checkRoot()).outcome !== 'present') return;
  const isExplained = await (session.unexplained === 'all' ? settleDisk(session) : settleRemaining(session));
  if (isExplained) session.unexplained = 'nothing';
}

async function observeJournal(session: Session): Promise<ErrorCode | null> {
  try {
    if (session.cursor !== null) await resolveInFlight(session);
  } catch (thrown) {
    const error = toOnefoldError(thrown);
    if (error.reaction === 'security' || isOutOfAccount(error.code)) await stopSession(session, error);
    return error.code;
  }
  const result = await pull(session);
  return result.outcome === 'failed' ? result.code : null;
}

/** Before anything is planned: what the server has lost is not taken away here. Why it could not be asked, if so. */
async function askWhatIsLost(session: Session): Promise<ErrorCode | null> {
  try {
    await session.lostContents.look();
    return null;
  } catch (thrown) {
    const { code, message } = toOnefoldError(thrown);
    session.ports.log.write('warn', 'lost-contents-unknown', { folder: session.options.folderId, code, message });
    return code;
  }
}

const CONNECTION_LOST: ReadonlySet<ErrorCode> = new Set([
  'server-unreachable',
  'timed-out',
  'server-error',
  'server-answer-invalid',
  'captive-portal',
  'certificate-untrusted',
  'protocol-mismatch',
]);

export function isConnectionLost(code: ErrorCode | null): boolean {
  return code !== null && CONNECTION_LOST.has(code);
}
