import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collecting, eventually, files, HOUR_MS, read, rows, states, upload } from '../testing/collecting.ts';
import { createFile, packOf, randomBlock, valueOf } from '../testing/test-client.ts';

const YEAR_HOURS = 365 * 24;
/** Enough for many runs. */
const runs = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 500));

test('a clock that jumps collects nothing before it has stood for a day, and nothing if it is put right', async () => {
  const { client, data, later } = await collecting();
  const [block, left] = [randomBlock(), randomBlock()];
  await upload(client, [left]);
  valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
  const { object_key: key } = rows(data, 'select object_key from pack')[0] as { object_key: string };
  // As one is that is about to be recorded, by a node whose clock is right.
  copyFileSync(join(data, 'packs', key), join(data, 'packs', key.replace('.pack', '0.pack')));
  await runs();
  for (const hours of [5 * YEAR_HOURS, 23]) {
    await later(hours);
    await runs();
    expect(states(data)).toEqual([1, 1]);
    expect(files(data)).toBe(3);
  }
  await later(-5 * YEAR_HOURS - 23);
  await runs();
  expect(states(data)).toEqual([1, 1]);
  expect(files(data)).toBe(3);
  expect(await read(client, [block, left])).toBe(true);
});

test('where it stands after a day what is old enough goes', async () => {
  const { client, data, later } = await collecting();
  await upload(client, [randomBlock()]);
  await runs();
  await later(5 * YEAR_HOURS);
  await runs();
  for (let i = 0; i < 4; i++) await later(25).then(runs);
  await eventually(() => states(data)).toEqual([]);
  await eventually(() => files(data)).toBe(0);
});

test(
  'what came while the clock stood years ahead goes in its time once that is put right',
  { timeout: 60_000 },
  async () => {
    const { client, data, later, clock } = await collecting({}, { retention: { settleMs: 0 } });
    await later(5 * YEAR_HOURS);
    const blocks = [randomBlock(), randomBlock(), randomBlock()];
    const [, kept] = [await upload(client, blocks.slice(0, 2)), await upload(client, blocks.slice(2))];
    valueOf(await client.commit([createFile(blocks.slice(2))], { uploadId: kept.uploadId }));
    await later(3);
    await eventually(() => states(data)).toEqual([1, 2, 2]);
    // Condemned, and two more that are not yet.
    await upload(client, [randomBlock(), randomBlock()]);
    await later(-5 * YEAR_HOURS - 3);
    await runs();
    expect(clock.nowMs).toBeLessThan(Date.now() + HOUR_MS);
    for (let i = 0; i < 4; i++) await later(3).then(runs);
    await eventually(() => states(data)).toEqual([1]);
    await eventually(() => files(data)).toBe(1);
    expect(await read(client, blocks.slice(2))).toBe(true);
    expect(rows(data, `select * from upload where state in ('pending', 'uploaded')`)).toEqual([]);
  },
);
