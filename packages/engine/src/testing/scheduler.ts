import type { Clock } from '../ports.ts';
import type { SeededRandom } from './seeded-random.ts';

/*
 * Who may go on next. Every side effect of a simulated engine waits at a *gate point* first; the world resolves one point at a time, in an
 * order drawn from the seed, and lets the engine run until it waits again. Time stands still but for `pointCostMs` per point and
 * for what the world advances. A lane is one life of one device (or the server): cutting it strands its points and timers for
 * ever, which is what a crash looks like from inside.
 *
 * Driving is synchronous: after each point the promise callbacks that became ready are run to their end at once (`drain`). That only works
 * from the bottom of the stack, so whoever drives a world does it inside `atBottom`.
 *
 *   lane:  open -> cut
 *   point: waiting -> resolved | stranded (lane cut)
 *   timer: armed -> fired | aborted | stranded
 */

export interface Lane {
  readonly name: string;
  /** False after a crash. */
  readonly isOpen: () => boolean;
}

/** A place where the world may interleave anything else, crash included. Resolves when the world says so, never after a crash. */
export type Gate = (label: string) => Promise<void>;

interface Waiting {
  readonly lane: Lane;
  readonly label: string;
  readonly go: () => void;
}

interface Timer extends Waiting {
  readonly dueMs: number;
  readonly order: number;
}

export interface Scheduler {
  openLane(name: string): Lane;
  cut(lane: Lane): void;
  gate(lane: Lane): Gate;
  /** Milliseconds since the world began. */
  timeMs(): number;
  sleep(lane: Lane, delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Resolves one waiting point; false when none waits. */
  step(): boolean;
  /** Lets every callback run that nothing holds back. */
  drain(): void;
  /** Moves the clock, firing what falls due in order and running up to `pointsPerTimer` points after each. */
  advance(deltaMs: number, pointsPerTimer?: number): void;
  nextTimerMs(): number | null;
  waitingCount(): number;
  reseed(random: SeededRandom): void;
  /** Running digest of everything that happened, in order. */
  trace(): string;
  note(label: string): void;
  /** For whoever reads what was recorded; no part of the digest. */
  remark(text: () => string): void;
  pointsPassed(): number;
  /** Labels passed so far, when recording was asked for. */
  recorded(): readonly string[];
}

const POINT_COST_MS = 0.2;

export function createScheduler(seedRandom: SeededRandom, options: { readonly record?: boolean } = {}): Scheduler {
  let random = seedRandom;
  let timeMs = 0;
  let order = 0;
  let passed = 0;
  let digest = 0x811c9dc5;
  let digestHigh = 0x01000193;
  const waiting: Waiting[] = [];
  let timers: Timer[] = [];
  /** When the first of them is due; Infinity when there is none. */
  let soonestMs = Infinity;
  const open = new Set<Lane>();
  const recorded: string[] = [];

  function note(label: string): void {
    for (let i = 0; i < label.length; i++) {
      digest = Math.imul(digest ^ label.charCodeAt(i), 0x01000193);
      digestHigh = Math.imul(digestHigh ^ label.charCodeAt(i), 0x85ebca6b) ^ (digest >>> 15);
    }
    if (options.record === true) recorded.push(label);
  }

  function fireDue(): boolean {
    if (timeMs < soonestMs) return false;
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs > timeMs) continue;
      if (
        first === undefined ||
        timer.dueMs < first.dueMs ||
        (timer.dueMs === first.dueMs && timer.order < first.order)
      )
        first = timer;
    }
    if (first === undefined) return false;
    drop((timer) => timer === first);
    note(`timer ${first.label}`);
    first.go();
    return true;
  }

  /** Takes timers away. */
  function drop(isDropped: (timer: Timer) => boolean): void {
    timers = timers.filter((timer) => !isDropped(timer));
    soonestMs = timers.reduce((least, timer) => Math.min(least, timer.dueMs), Infinity);
  }

  function step(): boolean {
    if (waiting.length === 0) return false;
    const index = waiting.length === 1 ? 0 : random.int(waiting.length);
    const [point] = waiting.splice(index, 1);
    passed++;
    timeMs += POINT_COST_MS;
    note(point!.label);
    point!.go();
    drain();
    while (fireDue()) drain();
    return true;
  }

  return {
    openLane(name) {
      const lane: Lane = { name, isOpen: () => open.has(lane) };
      open.add(lane);
      return lane;
    },
    cut(lane) {
      open.delete(lane);
      for (let i = waiting.length - 1; i >= 0; i--) if (waiting[i]!.lane === lane) waiting.splice(i, 1);
      drop((timer) => timer.lane === lane);
      note(`cut ${lane.name}`);
    },
    gate(lane) {
      return (label) =>
        new Promise<void>((resolve) => {
          if (lane.isOpen()) waiting.push({ lane, label: `${lane.name}:${label}`, go: resolve });
        });
    },
    timeMs: () => timeMs,
    sleep(lane, delayMs, signal) {
      return new Promise<void>((resolve) => {
        if (!lane.isOpen()) return;
        if (signal?.aborted === true) return resolve();
        const timer: Timer = {
          lane,
          label: `${lane.name}:sleep`,
          dueMs: timeMs + Math.max(0, delayMs),
          order: order++,
          go: resolve,
        };
        timers.push(timer);
        soonestMs = Math.min(soonestMs, timer.dueMs);
        signal?.addEventListener(
          'abort',
          () => {
            if (!timers.includes(timer)) return;
            drop((other) => other === timer);
            resolve();
          },
          { once: true },
        );
      });
    },
    step,
    drain,
    advance(deltaMs, pointsPerTimer = 0) {
      const end = timeMs + deltaMs;
      for (;;) {
        if (soonestMs > end) break;
        timeMs = Math.max(timeMs, soonestMs);
        fireDue();
        drain();
        for (let i = 0; i < pointsPerTimer && step(); i++);
      }
      timeMs = Math.max(timeMs, end);
    },
    nextTimerMs: () => (timers.length === 0 ? null : soonestMs),
    waitingCount: () => waiting.length,
    reseed(next) {
      random = next;
    },
    trace: () => (digest >>> 0).toString(16).padStart(8, '0') + (digestHigh >>> 0).toString(16).padStart(8, '0'),
    note,
    remark(text) {
      if (options.record === true) recorded.push(`  ${text()}`);
    },
    pointsPassed: () => passed,
    recorded: () => recorded,
  };
}

/** Node's own end of a turn of the event loop, without the turn: runs the microtask queue empty and reports unhandled rejections. */
const { _tickCallback: endTurn } = process as unknown as { readonly _tickCallback: () => void };

/**
 * Runs every promise callback that is ready, however long the chains are: simulated ports wait for nothing else. A turn of the event loop
 * would do the same at several times the cost. The queue does not run inside itself, hence the check.
 */
function drain(): void {
  const queue = { hasRun: false };
  queueMicrotask(() => {
    queue.hasRun = true;
  });
  endTurn();
  if (!queue.hasRun) throw new Error('a world is driven from the bottom of the stack: use atBottom');
}

/** Does the work in a turn of the event loop of its own, outside of any promise callback: there a world can be driven. */
export async function atBottom<T>(work: () => T): Promise<T> {
  const answer = await new Promise<() => T>((resolve) => {
    setImmediate(() => resolve(attempt(work)));
  });
  return answer();
}

function attempt<T>(work: () => T): () => T {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** Wall clock of the world's first moment: 2026-01-01T00:00:00Z. */
export const WORLD_EPOCH_MS = 1_767_225_600_000;

/** How far a device's wall clock is off, in milliseconds. Outlives its engines. */
export interface ClockSkew {
  ms: number;
}

/** The Clock port of one life of a device: the world's time plus a skew that may jump. */
export function createDeviceClock(scheduler: Scheduler, lane: Lane, skew: ClockSkew): Clock {
  return {
    nowMs: () => Math.floor(WORLD_EPOCH_MS + scheduler.timeMs() + skew.ms),
    monotonicMs: () => scheduler.timeMs(),
    sleep: (delayMs, signal) => scheduler.sleep(lane, delayMs, signal),
  };
}

/** Gate for tests that want no interleaving: every point passes at once. */
export const OPEN_GATE: Gate = () => Promise.resolve();
