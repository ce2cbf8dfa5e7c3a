import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { CtHash } from '@onefold/protocol';
import { fsck } from './admin/fsck.ts';
import { BLOCK_STORED } from './metadata/tables.ts';
import { startServer } from './server.ts';
import { aboutTo, openFolder, packFiles, recordDeaths, rowsOf, type Death } from './testing/deaths.ts';
import {
  BEGUN_AT_MS,
  collectAll,
  DAY_MS,
  giveWork,
  JOBS_CONFIG,
  LEASE_MS,
  outcomeOf,
  retain,
  type Work,
} from './testing/job-work.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

// The real functions, which tell beforehand that they are called.
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const telling =
    <A extends unknown[], R>(name: string, work: (...given: A) => R) =>
    (...given: A): R => {
      aboutTo.step(name);
      return work(...given);
    };
  return { ...real, rename: telling('rename', real.rename), unlink: telling('unlink', real.unlink) };
});

/** Noted once, however often the work was begun; or not any more. */
const ONCE = ['journal-truncated', 'namespace-removed', 'trash-purged', 'account-created'];

const filled = mkdtempSync(join(tmpdir(), 'onefold-filled-'));
/** What the current versions are made of. */
let kept: CtHash[] = [];

beforeAll(async () => {
  const options = { ...JOBS_CONFIG, data: filled, listen: '127.0.0.1:0', logLevel: 'silent' } as const;
  const server = await startServer(options, () => BEGUN_AT_MS);
  kept = await giveWork(server.url);
  await server.close();
});

afterAll(() => rmSync(filled, { recursive: true, force: true }));

/** Runs the work on a folder, which is sound afterwards; answers what it left. */
async function run(
  data: string,
  startsAtMs: number,
  work: Work,
  onStep: (step: string, nowMs: number) => void = () => undefined,
): Promise<unknown> {
  const clock = { nowMs: startsAtMs };
  const { context, close } = await openFolder(
    data,
    JOBS_CONFIG,
    () => clock.nowMs,
    (step) => onStep(step, clock.nowMs),
  );
  try {
    await work(context, (ms) => void (clock.nowMs += ms));
    expect((await fsck(context.metadata, context.packs)).damage).toEqual([]);
  } finally {
    await close();
  }
  mustHaveKept(data);
  return outcomeOf(rowsOf(data), packFiles(data), ONCE);
}

/** What was acknowledged stands: every block of a current version is there (fsck has read its bytes). */
function mustHaveKept(data: string): void {
  const { block: blocks = [] } = rowsOf(data);
  const stored = blocks.filter(({ state }) => state === BLOCK_STORED).map((row) => row['ct_hash']);
  expect(stored).toEqual(expect.arrayContaining(kept));
}

/** Runs the work on a copy, and on what it would have left behind at every step, from there to its end; each time the same comes out. */
async function dieEverywhere(
  from: string,
  startsAtMs: number,
  work: Work,
): Promise<{ deaths: Death[]; outcome: unknown }> {
  const [data, copies] = [temporaryFolder(), temporaryFolder()];
  cpSync(from, data, { recursive: true });
  const { deaths, onStep } = recordDeaths(data, copies);
  const outcome = await run(data, startsAtMs, work, onStep);
  for (const { step, folder, nowMs } of deaths) {
    expect({ step, outcome: await run(folder, nowMs + LEASE_MS, work) }).toEqual({ step, outcome });
    rmSync(folder, { recursive: true });
  }
  return { deaths, outcome };
}

const stepsOf = (deaths: readonly Death[]): string[] => deaths.map(({ step }) => step);

test(
  'cutting a journal, purging, and removing a namespace come to the same end wherever they are killed',
  {
    timeout: 120_000,
  },
  async () => {
    const { deaths, outcome } = await dieEverywhere(filled, BEGUN_AT_MS + 100 * DAY_MS, retain);
    expect(stepsOf(deaths)).toEqual(
      expect.arrayContaining([
        'before commit, after namespace, pack, block, dead_object',
        'before commit, after node, audit',
        'before commit, after file_version, version_block, block, audit, retention_pass',
        'before commit, after namespace, entry, entry_stub',
        'before commit, after checkpoint',
        'before commit, after node_row',
      ]),
    );
    expect(outcome).toMatchObject({
      notes: ['journal-truncated', 'namespace-removed', 'trash-purged'],
      doomed_namespace: [],
      purge_permit: [],
      unnamedFiles: [],
      missingFiles: [],
    });
  },
);

test('so do collection and repacking', { timeout: 120_000 }, async () => {
  const data = temporaryFolder();
  cpSync(filled, data, { recursive: true });
  await run(data, BEGUN_AT_MS + 100 * DAY_MS, retain);
  const { deaths, outcome } = await dieEverywhere(data, BEGUN_AT_MS + 101 * DAY_MS, collectAll);
  expect(stepsOf(deaths)).toEqual(
    expect.arrayContaining([
      'before rename, after files',
      'before commit, after files',
      'before unlink, after dead_object',
      'before commit, after namespace, pack, block, dead_object, thinned_pack',
    ]),
  );
  expect(outcome).toMatchObject({ dead_object: [], thinned_pack: [], unnamedFiles: [], missingFiles: [] });
  // Small ones became one, and the large one small.
  expect(outcome).toHaveProperty('pack.length', 2);
});
