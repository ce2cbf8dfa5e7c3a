import { toOnefoldError, type ErrorCode, type NodeId } from '@onefold/protocol';
import type { Plan, Waiting } from '../core/operation.ts';
import { isSettled } from '../core/settled.ts';
import type { NodeRow, RelPath } from '../core/tree.ts';
import { applyDown } from './apply-disk.ts';
import { applySetAside, applyState, identify } from './apply-state.ts';
import { planFor } from './load-view.ts';
import { resendLost } from './lost-contents.ts';
import { push, STUCK } from './push.ts';
import type { Session } from './session.ts';
import { tellWhatWaits } from './tell-what-waits.ts';
import { succeed } from './succeed.ts';

/** Unsettled rows planned together. */
const ROWS_PER_PLAN = 2_000;
/** Passes over what is unsettled in one cycle: some operations only come into sight after others. */
const MAX_PASSES = 24;

export interface ReconcileResult {
  /** Operations that went through. */
  readonly done: number;
  /** More is to be done at once. */
  readonly isMore: boolean;
  /** Rows that are not settled and could not be brought forward, as of the last pass. */
  readonly waiting: ReadonlyMap<NodeId, Waiting>;
  /** Why nothing more could be sent or fetched, if so. */
  readonly code: ErrorCode | null;
}

interface Pass {
  done: number;
  code: ErrorCode | null;
  readonly waiting: Map<NodeId, Waiting>;
}

/**
 * Plans and carries out what the unsettled rows ask for, page by page, until a pass over all of them brings nothing forward, or the cycle is
 * to end. The next one goes on where this one was cut, so that many rows that wait do not keep the others from their turn.
 */
export async function reconcile(session: Session): Promise<ReconcileResult> {
  let total = 0;
  for (let round = 0; ; round++) {
    const pass: Pass = { done: 0, code: null, waiting: new Map() };
    await session.guard.judge();
    await takeRules(session, pass);
    const isWhole = session.planAfter === null;
    const isCut = await takePages(session, pass);
    if (!isCut && isWhole && mayContinue(session, pass)) await takeFolders(session, pass);
    total += pass.done;
    const isOver = (pass.done === 0 && isWhole && !isCut) || pass.code !== null || session.stopped !== null;
    if (isOver && mayContinue(session, pass)) await sendAgain(session, pass);
    if (isOver && !isCut) {
      await forgetSettled(session);
      await session.transfers.dropUnwanted();
    }
    if (isOver) await tellWhatWaits(session);
    // What could not be sent has gone through, or is not there any more.
    if (pass.code === null && !isCut) await session.attention.clear([STUCK]);
    if (isOver) return { done: total, isMore: false, waiting: pass.waiting, code: pass.code };
    if (isCut || !session.mayGoOn()) return { done: total, isMore: true, waiting: pass.waiting, code: null };
    // Something keeps changing hands without coming to rest; others get their turn before it goes on.
    if (round >= MAX_PASSES) return { done: total, isMore: false, waiting: pass.waiting, code: null };
  }
}

/** Rules that changed elsewhere apply before anything that came with them. */
async function takeRules(session: Session, pass: Pass): Promise<void> {
  const rows = (await session.ports.store.rulesFiles()).filter((row) => !isSettled(row));
  if (rows.length === 0) return;
  const before = pass.done;
  const paths = await pathsOf(session, rows);
  await carryOut(session, await planFor(session, rows, false), pass);
  if (pass.done === before) return;
  const now = await session.ports.store.rows(rows.map(({ node }) => node));
  await session.rereadRules([...paths, ...(await pathsOf(session, now))]);
}

async function pathsOf(session: Session, rows: readonly (NodeRow | undefined)[]): Promise<RelPath[]> {
  const paths: RelPath[] = [];
  for (const row of rows) {
    const path = row === undefined ? null : await session.paths.of(row);
    if (path !== null) paths.push(path);
  }
  return paths;
}

/** True when the cycle was to end before the last page. */
async function takePages(session: Session, pass: Pass): Promise<boolean> {
  for (;;) {
    const rows = await session.ports.store.unsettled(ROWS_PER_PLAN, session.planAfter);
    if (rows.length > 0) await carryOut(session, await planFor(session, rows, false), pass);
    if (!mayContinue(session, pass)) {
      session.planAfter = null;
      return false;
    }
    session.planAfter = rows.length < ROWS_PER_PLAN ? null : rows.at(-1)!.node;
    if (session.planAfter === null) return false;
    if (!session.mayGoOn()) return true;
  }
}

/** Last: what changed here goes first. */
async function sendAgain(session: Session, pass: Pass): Promise<void> {
  const { committed, code } = await resendLost(session);
  pass.done += committed;
  pass.code = code;
}

function mayContinue(session: Session, pass: Pass): boolean {
  return pass.code === null && session.stopped === null;
}

/** What once failed and came to rest by other ways has nothing to wait for. Looks at what changed alone: a hundred thousand may wait. */
async function forgetSettled(session: Session): Promise<void> {
  const nodes = session.patience.takeChanged();
  if (nodes.length === 0) return;
  const rows = (await session.ports.store.rows(nodes)).filter((row) => row !== undefined);
  const missed = rows.filter((row) => isMissed(session, row));
  session.patience.note(missed);
  const open = rows.filter((row) => !isSettled(row) || session.lostContents.isHere(row.node));
  const waiting = new Set([...missed, ...open].map(({ node }) => node));
  await succeed(
    session,
    nodes.filter((node) => !waiting.has(node)).map((node) => ({ node })),
  );
}

/** At rest by itself, and in the way of something else when it was not found where it should stand: it is looked for first. */
function isMissed({ patience }: Session, row: NodeRow): boolean {
  const { node, local, synced } = row;
  if (local === null || synced !== null || !isSettled(row)) return false;
  return patience.isWaiting(node) && patience.codeOf(node) === 'precondition-failed';
}

/** Folders deleted elsewhere, once what was in them had its turn. */
async function takeFolders(session: Session, pass: Pass): Promise<void> {
  const waiting = [...pass.waiting].filter(([, why]) => why === 'next').map(([node]) => node);
  for (let i = 0; i < waiting.length; i += ROWS_PER_PLAN) {
    const found = await session.ports.store.rows(waiting.slice(i, i + ROWS_PER_PLAN));
    const folders = found.filter((row) => row?.local?.kind === 'folder').filter((row) => row !== undefined);
    if (folders.length > 0) await carryOut(session, await planFor(session, folders, true), pass);
  }
}

async function carryOut(session: Session, plan: Plan, pass: Pass): Promise<void> {
  const { rows, waiting, ...work } = plan;
  session.ports.log.write('debug', 'plan', {
    folder: session.options.folderId,
    rows: rows.length,
    waiting: [...waiting],
    ...work,
  });
  for (const [node, why] of waiting) pass.waiting.set(node, why);
  pass.done += await applyState(session, plan);
  pass.done += await applySetAside(session, plan);
  const suspects = plan.up.filter((operation) => operation.content && session.guard.isSuspect(operation.node));
  const suspected = new Set(suspects.map(({ node }) => node));
  const reading = [...plan.identify, ...suspected];
  if (reading.length > 0) pass.done += await identify(session, reading);
  if (plan.down.length > 0) await carryDown(session, plan, pass);
  // Without the server nothing more goes through; the disk is in step with what was recorded.
  const sending = plan.up.filter(({ node }) => !suspected.has(node));
  if (sending.length > 0 && pass.code === null) {
    const result = await push(session, sending);
    pass.done += result.committed;
    pass.code = result.code;
  }
  // What failed just now is left alone until it is tried again, as the next plan will say.
  const tried = [...reading, ...plan.down.map(({ node }) => node), ...plan.up.map(({ node }) => node)];
  for (const node of tried) if (session.patience.isWaiting(node)) pass.waiting.set(node, 'parked');
}

async function carryDown(session: Session, plan: Plan, pass: Pass): Promise<void> {
  try {
    pass.done += await applyDown(session, plan.down);
  } catch (thrown) {
    const error = toOnefoldError(thrown);
    if (error.reaction !== 'back-off' && error.reaction !== 'retry') throw thrown;
    session.ports.log.write('warn', 'fetch-failed', {
      folder: session.options.folderId,
      code: error.code,
      message: error.message,
    });
    pass.code = error.code;
  }
}
