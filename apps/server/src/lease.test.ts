import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLease, type Lease } from './lease.ts';
import { openSqlite } from './metadata/sqlite.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const HOUR_MS = 3_600_000;

/** Two nodes, each with a clock of its own. */
async function twoNodes(): Promise<{ clocks: { a: number; b: number }; a: Lease; b: Lease }> {
  const metadata = await openSqlite(join(temporaryFolder(), 'metadata.db'));
  onTestFinished(() => metadata.close());
  const clocks = { a: 1_000 * HOUR_MS, b: 1_000 * HOUR_MS };
  const of = (holder: 'a' | 'b'): Lease =>
    createLease({ metadata, nowMs: () => clocks[holder] }, { name: 'work', holder, lastsMs: 60_000 });
  return { clocks, a: of('a'), b: of('b') };
}

test('one node has it at a time, until it gives it back or its time is up', async () => {
  const { clocks, a, b } = await twoNodes();
  expect([await a.hold(), await b.hold(), await a.hold()]).toEqual([true, false, true]);
  await a.giveBack();
  expect([await b.hold(), await a.hold()]).toEqual([true, false]);
  clocks.a += 61_000;
  expect([await a.hold(), await b.hold()]).toEqual([true, false]);
});

test('a node whose clock was years ahead when it died does not keep it for years', async () => {
  const { clocks, a, b } = await twoNodes();
  clocks.a += 10_000 * HOUR_MS;
  expect([await a.hold(), await b.hold()]).toEqual([true, true]);
});
