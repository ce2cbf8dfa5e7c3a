import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually, collecting, rows, packFiles, files, upload, read, states } from '../testing/collecting.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createFile, packOf, randomBlock, valueOf, type TestBlock } from '../testing/test-client.ts';

test('a pack more than half of which is dead is rewritten, and its blocks read as before', async () => {
  const { client, data, later } = await collecting();
  const blocks = Array.from({ length: 10 }, () => randomBlock(20_000));
  const kept = blocks.slice(2, 4);
  await upload(client, blocks);
  valueOf(await client.commit([createFile(kept)]));
  await later(3);
  await eventually(() => states(data).filter((state) => state === 2)).toHaveLength(8);
  await later(2);
  await eventually(() => rows(data, 'select * from pack where size_bytes < 50000')).toHaveLength(1);
  await later(2);
  await eventually(() => files(data)).toBe(1);
  expect(await read(client, kept)).toBe(true);
});

test('many small packs become few, and every block reads as before', async () => {
  const { client, data, later } = await collecting();
  const blocks: TestBlock[] = [];
  for (let i = 0; i < 40; i++) {
    const block = randomBlock(100 + i);
    blocks.push(block);
    valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
  }
  await eventually(() => rows(data, 'select * from pack').length).toBeLessThan(16);
  await later(3);
  await eventually(() => files(data)).toBeLessThan(16);
  expect(await read(client, blocks)).toBe(true);
});

test('small packs that cannot be read, or are damaged, are named and left, and the others are merged', async () => {
  const logFile = join(temporaryFolder(), 'log');
  const { client, data } = await collecting({}, { logFile, logLevel: 'warn' });
  const [hindered, damaged] = [randomBlock(100), randomBlock(100)];
  const packOfFile: string[] = [];
  for (const block of [hindered, damaged]) {
    const before = new Set(packFiles(data));
    valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
    packOfFile.push(...packFiles(data).filter((file) => !before.has(file)));
  }
  const [hinderedFile = '', damagedFile = ''] = packOfFile;
  // A folder in its place can be opened, but not be read: what a bad sector does.
  rmSync(hinderedFile);
  mkdirSync(hinderedFile);
  writeFileSync(damagedFile, readFileSync(damagedFile).fill(7));
  const sound = Array.from({ length: 40 }, (_, i) => randomBlock(200 + i));
  for (const block of sound) valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
  await eventually(() => rows(data, 'select * from pack').length).toBeLessThan(16);
  expect(await read(client, sound)).toBe(true);
  // They keep their places, for whoever mends the disk.
  expect(
    rows(data, 'select distinct pack from block where length_bytes = (select min(length_bytes) from block)'),
  ).toHaveLength(2);
  const ids = packOfFile.map((file) => basename(file).split('.')[0]);
  const told = readFileSync(logFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { pack?: string; msg: string })
    .filter(({ msg }) => msg.startsWith('a pack cannot be merged'));
  expect(new Set(told.map(({ pack }) => pack))).toEqual(new Set(ids));
});
