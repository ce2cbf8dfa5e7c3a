import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { namespacesResponse } from '@onefold/protocol';
import { startServer } from '../server.ts';
import { eventually, collecting, packFiles, rows, upload, read, states } from '../testing/collecting.ts';
import { openFolder } from '../testing/deaths.ts';
import { printedBy } from '../testing/printed-by.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createClient, createFile, packOf, randomBlock, valueOf } from '../testing/test-client.ts';
import { createScrubber } from './scrub.ts';

test('scrubbing finds a flipped byte; the block counts as missing until it is sent again, and is sound then', async () => {
  const { client, data } = await collecting({ scrubBytesPerSecond: 1_000_000 });
  const blocks = [randomBlock(), randomBlock()];
  const pack = packOf(blocks);
  valueOf(await client.commit([createFile(blocks)], { pack }));
  expect((await client.entries(0)).head.lostRevision).toBe(undefined);
  const [file] = packFiles(data);
  const damaged = readFileSync(file ?? '');
  damaged[17] = (damaged[17] ?? 0) ^ 1;
  writeFileSync(file ?? '', damaged);
  await eventually(() => states(data)).toEqual([1, 3]);
  expect((await client.entries(0)).head.lostRevision).toBe(1);
  expect(valueOf(await client.call('GET', '/v1/namespaces', namespacesResponse)).heads[0]?.lostRevision).toBe(1);
  expect(valueOf(await client.commit([createFile(blocks)])).outcome).toBe('blocks-missing');
  await upload(client, blocks, pack);
  expect(states(data)).toEqual([1, 1]);
  expect(await read(client, blocks)).toBe(true);
  expect(valueOf(await client.commit([createFile(blocks)])).outcome).toBe('committed');
});

test('scrubbing begins anywhere, and comes round', async () => {
  const data = temporaryFolder();
  const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
  const clients = [await createClient(server.url), await createClient(server.url)].sort((a, b) =>
    a.namespace < b.namespace ? -1 : 1,
  );
  for (const client of clients) {
    const block = randomBlock();
    valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
  }
  await server.close();
  for (const file of packFiles(data)) writeFileSync(file, readFileSync(file).fill(7));
  const { context, close } = await openFolder(data, {}, Date.now);
  onTestFinished(close);
  const never = new AbortController().signal;
  const lost = (): unknown[] =>
    rows(data, 'select hex(namespace) as id from block where state = 3').map(({ id }) => id);
  const [first = '', last = ''] = clients.map(({ namespace }) => namespace.toUpperCase());
  const scrub = createScrubber(context, 1, Buffer.from(first.slice(0, 62) + 'FF', 'hex'));
  await scrub(never);
  expect(lost()).toEqual([last]);
  await scrub(never);
  await scrub(never);
  expect(lost().sort()).toEqual([first, last]);
});

test('what was lost and is there again counts as stored, by scrubbing and by fsck --repair', async () => {
  const data = temporaryFolder();
  const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
  const client = await createClient(server.url);
  const blocks = [randomBlock(), randomBlock()];
  valueOf(await client.commit([createFile(blocks)], { pack: packOf(blocks) }));
  await server.close();
  const [file = ''] = packFiles(data);
  const whole = readFileSync(file);
  const repair = async () => {
    const { printed } = await printedBy(['admin', 'fsck', '--repair', '--data', data, '--json']);
    return JSON.parse(printed) as unknown;
  };
  const scrub = async (): Promise<void> => {
    const { context, close } = await openFolder(data, {}, Date.now);
    await createScrubber(context, 1, new Uint8Array())(new AbortController().signal);
    await close();
  };

  const revision = (): unknown => rows(data, 'select lost_revision as n from namespace')[0]?.['n'];
  rmSync(file);
  expect(await repair()).toMatchObject({ lostBlocks: 2, foundBlocks: 0, missingBlocks: 2 });
  expect(revision()).toBe(1);
  expect(await repair()).toMatchObject({ lostBlocks: 0, foundBlocks: 0 });
  expect(revision()).toBe(1);
  // Half of it, as a copy that was cut off leaves it: what is not sound stays missing.
  writeFileSync(file, whole.subarray(0, blocks[0]!.sealed.length + 10));
  expect(await repair()).toMatchObject({ lostBlocks: 0, foundBlocks: 1, missingBlocks: 1 });
  expect(revision()).toBe(2);
  writeFileSync(file, whole);
  await scrub();
  expect(states(data)).toEqual([1, 1]);
  rmSync(file);
  await scrub();
  expect(states(data)).toEqual([3, 3]);
  writeFileSync(file, whole);
  expect(await repair()).toMatchObject({ lostBlocks: 0, foundBlocks: 2, missingBlocks: 0 });
  expect((await printedBy(['admin', 'fsck', '--data', data])).code).toBe(0);
});
