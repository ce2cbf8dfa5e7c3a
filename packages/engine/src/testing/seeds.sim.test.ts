import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Coverage } from './coverage.ts';
import type { Steering } from './generate-shape.ts';
import { runPoolIn, startWorkers, type FailureReport, type PoolResult } from './sim-pool.ts';

/*
 * Seeds from 1 on at full length, by as many processes as there are cores. `npm run sim -- --seeds 1000000` runs as many as there is time for, with
 * the same numbers and each of them twice.
 */
const SEEDS = 3_000;
/** Run a second time, whose trace has to be the same; the others once: all of them twice take longer than the tier may. */
const TWICE = 300;
/** Run once, of worlds in which every other disk takes names as Windows does, as many as macOS does, as many in which disks of all kinds meet, and as many in which disks come and go inside the root. */
const OF_EACH_KIND = 100;
const KINDS = {
  windows: { system: 'windows' },
  mac: { system: 'mac' },
  mixed: { system: 'mixed' },
  mounting: { mounts: true },
} as const satisfies Readonly<Record<string, Steering>>;

interface Failure extends FailureReport {
  readonly run: string;
}

const coverage = new Coverage();
const failures: Failure[] = [];
let result: PoolResult[];

beforeAll(async () => {
  const options = {
    devices: [2, 5],
    steps: 200,
    shrinkAttempts: 200,
    keepGoing: true,
  } as const;
  const into = (worlds: string) => ({
    onFailure: (failure: FailureReport) => void failures.push({ ...failure, run: `${worlds} ${failure.seed}` }),
  });
  const workers = startWorkers(availableParallelism());
  try {
    result = [
      await runPoolIn(workers, { ...options, ...into('plain'), from: 1n, count: TWICE, isOnce: false }),
      await runPoolIn(workers, {
        ...options,
        ...into('plain'),
        from: BigInt(TWICE + 1),
        count: SEEDS - TWICE,
        isOnce: true,
      }),
    ];
    for (const [kind, steering] of Object.entries(KINDS))
      result.push(
        await runPoolIn(workers, {
          ...options,
          ...into(kind),
          from: 1n,
          count: OF_EACH_KIND,
          isOnce: true,
          steering,
        }),
      );
  } finally {
    for (const worker of workers) worker.kill();
  }
  for (const part of result) coverage.add(part.coverage);
}, 1_200_000);

afterAll(() => process.stdout.write(`${coverage.report()}\n`));

test(`${SEEDS} seeds of 200 steps lose nothing and agree at rest`, () => {
  expect(failures.map(({ run, message, script }) => ({ run, message, steps: script.steps }))).toEqual([]);
  expect(result.reduce((sum, { seeds }) => sum + seeds, 0)).toBe(SEEDS + Object.keys(KINDS).length * OF_EACH_KIND);
});

/**
 * What these seeds have to have met, each at least this often: a generator that no longer leads there would prove nothing of it. Rows that are met more seldom
 * (a folder deleted there that holds untracked things here) are shown by policy.sim.test.ts.
 */
const AT_LEAST = 2;
const MET: Readonly<Record<string, readonly string[]>> = {
  policy: [
    'one side edited (up)',
    'one side edited (down)',
    'one side moved (up)',
    'one side moved (down)',
    'one side deleted (up)',
    'one side deleted (down)',
    'times or mode alone (up)',
    'times or mode alone (down)',
    'times that this disk cannot hold',
    'a rename beside an edit',
    'both changed equally: agreed',
    'both edited differently: conflict copy',
    'conflict copy at rest',
    'move against move: the journal wins',
    'move here against delete there',
    'move there against delete here',
    'edit here against delete there',
    'edit there against delete here',
    'change in a folder deleted there: a new folder',
    'create against create, the same: one node',
    'another holds the name: put aside',
    'names in a circle: by way of staging',
    'rules at rest',
    'unticked at rest',
  ],
  code: [
    'access-denied',
    'disk-error',
    'disk-full',
    'file-busy',
    'file-changed',
    'precondition-failed',
    'read-only',
    'server-full',
    'server-unreachable',
    'timed-out',
    'too-many-open-files',
    'too-many-requests',
  ],
  select: ['ticked', 'unticked'],
  rules: ['removed', 'written'],
  mount: ['away', 'back', 'fresh', 'renumbered'],
  server: ['committed', 'repeated', 'refused version-mismatch', 'refused name-taken', 'refused parent-hidden'],
};

test.each(Object.entries(MET))('they meet every kind of %s', (kind, labels) => {
  const seldom = labels.filter((label) => coverage.times(kind, label) < AT_LEAST);
  expect(seldom).toEqual([]);
});

test('every operation of the disk and every call to the server has failed in them', () => {
  const failed = [...coverage.of('fault').keys()];
  const missing = (of: string, names: readonly string[]): string[] =>
    names.filter((name) => !failed.some((label) => label.startsWith(`${of} ${name} `)));
  expect(missing('disk', ['stat', 'list', 'read', 'write', 'create', 'move', 'flush', 'attributes'])).toEqual([]);
  expect(missing('net', ['commit', 'entries', 'readBlocks'])).toEqual([]);
  const kinds = [
    'drop-request',
    'drop-answer',
    'delay',
    'duplicate',
    'late',
    'timed-out',
    'server-full',
    'too-many-requests',
  ];
  expect(kinds.filter((kind) => !failed.some((label) => label.endsWith(` ${kind}`)))).toEqual([]);
});
