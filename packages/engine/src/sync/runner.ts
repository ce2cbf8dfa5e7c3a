import type { NodeId } from '@onefold/protocol';
import { createIgnoreRules } from '../core/ignore.ts';
import type { RelPath } from '../core/tree.ts';
import type { ActivityItem, Ports } from '../ports.ts';
import { createAttentionBook } from './attention.ts';
import { backOffMs } from './back-off.ts';
import { isConnectionLost, runCycle, type CycleResult } from './cycle.ts';
import { createDisplaced } from './displaced.ts';
import type { Circumstances } from './explain.ts';
import { createGuard } from './guard.ts';
import { createLine } from './line.ts';
import { createLocalPaths } from './local-paths.ts';
import { createLostContents } from './lost-contents.ts';
import { createPatience } from './patience.ts';
import { NO_REFUSALS } from './refused-entry.ts';
import { createScanner } from './scanner.ts';
import { loadSelection } from './selection.ts';
import type { EngineOptions, Session } from './session.ts';
import { clearCloneNotice, loadRewind } from './start-over.ts';
import { circumstancesAt, lostPending, pendingCount, statusAt, type Moment } from './moment.ts';
import type { EngineStatus } from './status.ts';
import { tidyTrash } from './trash.ts';
import { createTransfers } from './transfers.ts';
import { createUnheld } from './unheld.ts';

const FULL_SCAN_MS = 60 * 60_000;
/** The head is asked for at least this often, whatever is pushed. */
const POLL_MS = 60_000;
/** After this a cycle comes to its end, so that hints, the journal and people's answers get their turn. */
const CYCLE_MS = 2_000;
const PROGRESS_MS = 500;
/** When something is left to do and nothing says when. */
export const LINGER_MS = 2_000;
const PAUSED_FACT = 'paused';

/** What is to happen outside of cycles when something in them calls for it. */
export interface RunnerEvents {
  wake(): void;
  status(): void;
  activity(items: readonly ActivityItem[]): void;
}

/** What is due and was not brought forward by a cycle is not tried in the next moment. */
function lingering(dueMs: number | null): number | null {
  return dueMs === null ? null : Math.max(LINGER_MS, dueMs);
}

/** One engine's state between cycles, and what can be asked of it. */
export interface Runner {
  readonly session: Session;
  /** Never rejects. */
  cycle(): Promise<CycleResult>;
  /** Waits until no cycle runs, then does the work before another one begins: only one of them writes rows at a time. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** As `inTurn`, with what the store keeps loaded, be a cycle behind or not. */
  inLoadedTurn<T>(work: () => Promise<T>): Promise<T>;
  requestFull(): number;
  hint(paths: readonly RelPath[]): void;
  setPaused(paused: boolean): Promise<void>;
  isPaused(): boolean;
  /** The way to the server may be open again: what waited for it need not wait longer. */
  forgetFailures(): void;
  status(): EngineStatus;
  circumstances(): Circumstances;
  nextDelayMs(): number;
  last(): CycleResult | null;
  /** Nothing is left that could be done without a person. */
  isQuiet(): boolean;
  /** What left for another kept folder, and waits for a person there. */
  heldElsewhere(): number;
  completedScan(): number;
  /** Numbers of the cycles: the last that began, the last that ended, and the last in which the server answered. */
  cycles(): { readonly begun: number; readonly ended: number; readonly answered: number };
}

export function createRunner(ports: Ports, options: EngineOptions, events: RunnerEvents): Runner {
  const { clock, store, log } = ports;
  let loading: Promise<void> | null = null;
  let isPaused = false;
  let failures = 0;
  let last: CycleResult | null = null;
  let counts = { files: 0, folders: 0, unsettled: 0, notYetSafe: 0, bytesToMove: 0 };
  let countedMs = -PROGRESS_MS;
  let cycleEndMs = 0;
  let cycles = { begun: 0, ended: 0, answered: 0 };
  let lastFullScanMs = 0;
  /** Not in the first minutes of a life: a clock that is wrong then may be right soon. */
  let lastTidyMs = clock.monotonicMs();
  let lastActivityId = 0;
  let working: Promise<unknown> = Promise.resolve();

  const line = createLine(ports.remote, clock, ports.random);
  const session: Session = {
    ports: { ...ports, remote: line.cycles },
    line,
    options,
    device: ports.sealing.device,
    paths: createLocalPaths(store),
    attention: createAttentionBook(store, clock, () => events.status()),
    patience: createPatience(store, clock, ports.random),
    guard: createGuard(() => session),
    transfers: createTransfers(() => session),
    lostContents: createLostContents(() => session),
    unheld: createUnheld(() => session),
    get displaced() {
      return displaced;
    },
    mayGoOn: () => !isPaused && !session.transfers.isStopping() && clock.monotonicMs() < cycleEndMs,
    async progressed() {
      // That nothing is unsafe is never said of a moment ago: a cycle that has just taken a file in may last.
      if (counts.notYetSafe > 0 && clock.monotonicMs() - countedMs < PROGRESS_MS) return;
      await recount();
      events.status();
    },
    rewind: null,
    planAfter: null,
    refusals: NO_REFUSALS,
    cursor: null,
    rules: createIgnoreRules(new Map()),
    unticked: new Set(),
    unexplained: 'all',
    sweptAfter: 0,
    stopped: null,
    isWatchLimited: false,
    hint: suspect,
    lose: (rows) => scanner.lose(rows),
    lookOutFor: (row) => scanner.lookOutFor(row),
    relocated: (from, to) => scanner.relocate(from, to),
    isLeaving: (node) => scanner.isLeaving(node),
    waitingOf: (node) => last?.reconciled?.waiting.get(node) ?? null,
    ruleTexts: () => scanner.rules.texts(),
    rereadRules: (paths) => scanner.rereadRules(paths),
    wake: () => events.wake(),
    async noteConflict(node: NodeId, path: RelPath) {
      const message = 'both sides had changed this; the version that lost is kept here';
      await session.attention.raise({ id: `conflict:${node}`, code: 'conflict-copy', path, message, detail: node });
    },
    onStateForgotten() {
      // Whoever waits for a scan now waits for the new scanner's first: numbers go on where the old one's ended.
      scansBefore = lastScan - 1;
      scanner = createScanner(session);
      session.sweptAfter = 0;
      requestFull();
    },
  };
  const displaced = createDisplaced(session);
  let scanner = createScanner(session);
  let scansBefore = 0;
  let lastScan = 0;

  async function load(): Promise<void> {
    session.cursor = await store.cursor();
    await loadRewind(session);
    await loadSelection(session);
    isPaused = (await store.fact(PAUSED_FACT)) === 'true';
    if (isPaused) line.hold();
    await session.attention.load();
    await session.patience.load();
    await session.unheld.load();
    lastActivityId = (await store.activity(1, null))[0]?.id ?? 0;
    await session.guard.load();
    await session.lostContents.load();
    await scanner.recall();
    await clearCloneNotice(session);
    requestFull();
  }

  /** A failed load is tried again by the next one who asks. */
  async function loadOnce(): Promise<void> {
    loading ??= load();
    await loading.catch((thrown: unknown) => {
      loading = null;
      throw thrown;
    });
  }

  async function cycleOnce(): Promise<CycleResult> {
    try {
      await loadOnce();
      if (clock.monotonicMs() - lastFullScanMs >= FULL_SCAN_MS) requestFull();
      cycleEndMs = clock.monotonicMs() + CYCLE_MS;
      const number = cycles.begun + 1;
      cycles = { ...cycles, begun: number };
      if (isTidyDue()) await tidyTrash(session);
      const result = await runCycle(session, scanner, !isPaused);
      cycles = { ...cycles, ended: number, answered: result.isConnected ? number : cycles.answered };
      failures = isConnectionLost(result.code) || !result.isConnected ? failures + 1 : 0;
      await recount();
      last = result;
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      log.write('error', 'cycle-failed', { folder: options.folderId, message });
      failures++;
      last = { isConnected: false, code: 'internal', isRootSeen: true, isMore: false, reconciled: null };
    }
    await tellActivity();
    events.status();
    return last;
  }

  function isTidyDue(): boolean {
    if (clock.monotonicMs() - lastTidyMs < FULL_SCAN_MS) return false;
    lastTidyMs = clock.monotonicMs();
    return true;
  }

  async function recount(): Promise<void> {
    countedMs = clock.monotonicMs();
    counts = await store.counts();
  }

  async function tellActivity(): Promise<void> {
    const items = (await store.activity(100, null)).filter((item) => item.id > lastActivityId);
    if (items.length === 0) return;
    lastActivityId = Math.max(...items.map((item) => item.id));
    events.activity(items);
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = working.then(work);
    working = result.catch(() => undefined);
    return result;
  }

  function requestFull(): number {
    lastFullScanMs = clock.monotonicMs();
    lastScan = scansBefore + scanner.requestFull();
    return lastScan;
  }

  function hint(paths: readonly RelPath[]): void {
    scanner.hint(paths);
    events.wake();
  }

  /** Of this engine's own accord: no watcher has told of it. */
  function suspect(paths: readonly RelPath[]): void {
    scanner.suspect(paths);
    events.wake();
  }

  const moment = (): Moment => ({ scanner, last, counts, isPaused });

  return {
    session,
    cycle: () => inTurn(cycleOnce),
    inTurn,
    inLoadedTurn: (work) =>
      inTurn(async () => {
        await loadOnce();
        return work();
      }),
    requestFull,
    hint,
    async setPaused(paused) {
      // Bytes stop before anything is waited for.
      if (paused) line.hold();
      // Loading reads what was last said about this.
      await loading?.catch(() => undefined);
      isPaused = paused;
      if (paused) line.hold();
      else line.release();
      if (!paused) failures = 0;
      await store.commit({ facts: { [PAUSED_FACT]: paused ? 'true' : null } });
    },
    isPaused: () => isPaused,
    forgetFailures() {
      failures = 0;
      line.hurry();
    },
    status: () => statusAt(session, moment()),
    circumstances: () => circumstancesAt(session, moment()),
    nextDelayMs() {
      if (last === null || last.isMore) return 0;
      if (failures > 0 && !isPaused) return backOffMs(failures, ports.random.fraction());
      const dues = [
        POLL_MS,
        lastFullScanMs + FULL_SCAN_MS - clock.monotonicMs(),
        scanner.nextDueMs(),
        displaced.nextDueMs(),
        session.unexplained === 'nothing' ? null : LINGER_MS,
        isPaused ? null : session.patience.nextDueMs(),
        isPaused ? null : lingering(session.lostContents.nextDueMs()),
        // What waits on its own account has said when.
        !isPaused && pendingCount(session, moment()) - lostPending(session) > session.patience.waitingCount()
          ? LINGER_MS
          : null,
      ];
      return Math.max(0, Math.min(...dues.filter((due) => due !== null)));
    },
    last: () => last,
    isQuiet() {
      const isDone = last?.reconciled != null && last.code === null && !last.isMore;
      return isDone && pendingCount(session, moment()) === scanner.heldElsewhere() && !scanner.isBusy();
    },
    heldElsewhere: () => scanner.heldElsewhere(),
    completedScan: () => scansBefore + scanner.completed(),
    cycles: () => cycles,
  };
}
