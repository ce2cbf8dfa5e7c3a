import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordSeeds, type RecordOptions } from './sim-record.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-record-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function options(name: string, more: Partial<RecordOptions> = {}): RecordOptions {
  return {
    path: join(folder, name),
    target: 3,
    seedsPerPiece: 3,
    commit: 'abc',
    say: () => undefined,
    from: 37n,
    jobs: 1,
    devices: [2, 2],
    steps: 10,
    isOnce: true,
    shrinkAttempts: 0,
    onFailure: ({ message }) => expect(message).toBe(''),
    ...more,
  };
}

/** Processes are started one after another, on machines that may have other things to do. */
const STARTS_MS = 120_000;

test(
  'a run in pieces, ended between them and gone on with, is the same as one at once',
  async () => {
    const atOnce = await recordSeeds(options('at-once'));
    await recordSeeds(options('pieces', { target: 1 }));
    const inPieces = await recordSeeds(options('pieces', { seedsPerPiece: 1, commit: 'def' }));
    expect(inPieces).toEqual({ ...atOnce, seconds: inPieces.seconds, commits: { abc: 1, def: 2 } });
    expect(atOnce).toMatchObject({ seeds: 3, failed: [], commits: { abc: 3 } });
    expect(JSON.parse(readFileSync(join(folder, 'pieces'), 'utf8'))).toEqual(inPieces);
  },
  STARTS_MS,
);

test(
  'a file of other numbers is not gone on with',
  async () => {
    await recordSeeds(options('one', { target: 1 }));
    await expect(recordSeeds(options('one', { steps: 11 }))).rejects.toThrow('another run');
  },
  STARTS_MS,
);
