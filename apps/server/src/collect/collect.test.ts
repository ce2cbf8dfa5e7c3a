import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import {
  announceUploadRequest,
  announceUploadResponse,
  encodeWire,
  putPackResponse,
  readBlocksRequest,
  type OpId,
} from '@onefold/protocol';
import { randomId } from '../testing/test-account.ts';
import {
  createClient,
  createFile,
  packOf,
  randomBlock,
  splitFrames,
  valueOf,
  type TestBlock,
  type TestClient,
} from '../testing/test-client.ts';
import { startTestServer } from '../testing/started-server.ts';
import { announce } from '../testing/test-uploads.ts';

const HOUR_MS = 3_600_000;

/** What background work brings about, however busy the machine. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 });

/** A server that collects all the time, by a clock that the test moves. */
async function collecting(collection: { scrubBytesPerSecond?: number } = {}) {
  const clock = { nowMs: Date.now() };
  const server = await startTestServer(
    {
      uploadExpiryMs: HOUR_MS,
      sweepEveryMs: 50,
      collection: {
        everyMs: 50,
        graceMs: 2 * HOUR_MS,
        condemnedMs: HOUR_MS,
        scrubBytesPerSecond: 0,
        scrubEveryMs: 50,
        ...collection,
      },
    },
    () => clock.nowMs,
  );
  const client = await createClient(server.url);
  const later = async (hours: number): Promise<void> => {
    clock.nowMs += hours * HOUR_MS;
    valueOf(await client.openSession());
  };
  return { ...server, client, clock, later };
}

function rows(data: string, statement: string): Record<string, unknown>[] {
  const database = new Database(join(data, 'metadata.db'), { readonly: true });
  try {
    return database.prepare(statement).all() as Record<string, unknown>[];
  } finally {
    database.close();
  }
}

function packFiles(data: string): string[] {
  return readdirSync(join(data, 'packs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const files = (data: string): number => packFiles(data).length;

async function upload(client: TestClient, blocks: readonly TestBlock[], pack = packOf(blocks)) {
  const { uploadId } = valueOf(
    await client.call('POST', client.path('/uploads'), announceUploadResponse, {
      schema: announceUploadRequest,
      value: { opId: randomId<OpId>(16), nodes: [], paddedBytes: 1, reused: [] },
    }),
  );
  const path = client.path(`/packs/${pack.packId}?upload=${uploadId}`);
  valueOf(await client.call('PUT', path, putPackResponse, { pack: pack.bytes }));
  return { uploadId, pack };
}

/** Asks again when something is not held: the clock runs so fast here that a block may be moved, and its old place emptied, within one read. */
async function read(client: TestClient, blocks: readonly TestBlock[], tries = 3): Promise<boolean> {
  if (blocks.length === 0) return true;
  const body = encodeWire(readBlocksRequest, { blocks: blocks.map(({ ctHash }) => ctHash) });
  const response = await client.raw('POST', client.path('/blocks/read'), body);
  const frames = splitFrames(new Uint8Array(await response.arrayBuffer()));
  const isWhole = blocks.every((block, i) => Buffer.compare(frames[i] ?? new Uint8Array(), block.sealed) === 0);
  return isWhole || (tries > 1 && read(client, blocks, tries - 1));
}

const states = (data: string): unknown[] =>
  rows(data, 'select state from block order by state').map(({ state }) => state);

test('what no version uses is condemned after its grace, then deleted with its pack; what one uses stays', async () => {
  const { client, data, later } = await collecting();
  const [kept, left] = [randomBlock(), randomBlock()];
  await upload(client, [left]);
  valueOf(await client.commit([createFile([kept])], { pack: packOf([kept]) }));
  await later(3);
  await eventually(() => states(data)).toEqual([1, 2]);
  expect(files(data)).toBe(2);
  await later(2);
  await eventually(() => states(data)).toEqual([1]);
  await eventually(() => rows(data, 'select * from pack').length).toBe(1);
  await later(2);
  await eventually(() => files(data)).toBe(1);
  expect(await read(client, [kept])).toBe(true);
  expect(rows(data, 'select stored_bytes from namespace')).toEqual(
    rows(data, 'select size_bytes as stored_bytes from pack'),
  );
});

test('a condemned block counts as missing, and the same pack sent again stores it anew', async () => {
  const { client, data, later } = await collecting();
  const blocks = [randomBlock(), randomBlock()];
  const { pack } = await upload(client, blocks);
  await later(3);
  await eventually(() => states(data)).toEqual([2, 2]);
  expect(valueOf(await client.commit([createFile(blocks)])).outcome).toBe('blocks-missing');
  expect(await read(client, blocks)).toBe(false);
  await upload(client, blocks, pack);
  expect(states(data)).toEqual([1, 1]);
  expect(valueOf(await client.commit([createFile(blocks)])).outcome).toBe('committed');
  await later(30);
  await eventually(() => files(data)).toBe(1);
  expect(await read(client, blocks)).toBe(true);
});

test('a pin keeps a block as long as its upload is open', async () => {
  const { client, data, later } = await collecting();
  const block = randomBlock();
  const { uploadId } = await upload(client, [block]);
  const others: TestBlock[] = [];
  for (let part = 0; part < 5; part++) {
    await later(0.9);
    // Another part of the same large upload.
    others.push(randomBlock());
    const path = client.path(`/packs/${randomId(16)}?upload=${uploadId}`);
    valueOf(await client.call('PUT', path, putPackResponse, { pack: packOf(others.slice(-1)).bytes }));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(valueOf(await client.commit([createFile([block, ...others])])).outcome).toBe('committed');
  expect(states(data)).toEqual([1, 1, 1, 1, 1, 1]);
});

test('scrubbing finds a flipped byte; the block counts as missing until it is sent again, and is sound then', async () => {
  const { client, data } = await collecting({ scrubBytesPerSecond: 1_000_000 });
  const blocks = [randomBlock(), randomBlock()];
  const pack = packOf(blocks);
  valueOf(await client.commit([createFile(blocks)], { pack }));
  const [file] = packFiles(data);
  const damaged = readFileSync(file ?? '');
  damaged[17] = (damaged[17] ?? 0) ^ 1;
  writeFileSync(file ?? '', damaged);
  await eventually(() => states(data)).toEqual([1, 3]);
  expect(valueOf(await client.commit([createFile(blocks)])).outcome).toBe('blocks-missing');
  await upload(client, blocks, pack);
  expect(states(data)).toEqual([1, 1]);
  expect(await read(client, blocks)).toBe(true);
  expect(valueOf(await client.commit([createFile(blocks)])).outcome).toBe('committed');
});

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

test('an object that no row names goes once it is old', async () => {
  const { client, data, later } = await collecting();
  const block = randomBlock();
  valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
  const { object_key: key } = rows(data, 'select object_key from pack')[0] as { object_key: string };
  copyFileSync(join(data, 'packs', key), join(data, 'packs', key.replace('.pack', '0.pack')));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(files(data)).toBe(2);
  await later(4);
  await eventually(() => files(data)).toBe(1);
  expect(await read(client, [block])).toBe(true);
});

test('a pack whose recording is held up until its object may have been swept is not said to be stored', async () => {
  const { client, data, clock } = await collecting();
  const blocks = [randomBlock(), randomBlock()];
  const uploadId = await announce(client, []);
  const pack = packOf(blocks);
  const database = new Database(join(data, 'metadata.db'));
  database.exec('begin immediate');
  const sending = client.call('PUT', client.path(`/packs/${pack.packId}?upload=${uploadId}`), putPackResponse, {
    pack: pack.bytes,
  });
  await eventually(() => files(data)).toBe(1);
  clock.nowMs += 4 * HOUR_MS;
  // Enough of them for a sweep that takes no notice of who is about to record.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  database.exec('rollback');
  database.close();
  expect(await sending).toMatchObject({ ok: false, code: 'server-error' });
  expect(states(data)).toEqual([]);
  await eventually(() => files(data)).toBe(0);
  valueOf(await client.openSession());
  await upload(client, blocks, pack);
  valueOf(await client.commit([createFile(blocks)]));
  expect(await read(client, blocks)).toBe(true);
});

test(
  'collection racing uploads, commits and reads loses no block that a version uses, and leaves nothing behind',
  { timeout: 120_000 },
  async () => {
    const seed = Number(process.env['ONEFOLD_SEED'] ?? Date.now() % 2 ** 31);
    let state = seed;
    const random = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff) / 2 ** 31;
    const clock = { nowMs: Date.now() };
    // Hours pass in milliseconds: grace and condemnation end in the middle of uploads.
    const { url, data } = await startTestServer(
      {
        uploadExpiryMs: 2 * HOUR_MS,
        sweepEveryMs: 50,
        collection: { everyMs: 50, graceMs: 2 * HOUR_MS, condemnedMs: HOUR_MS, scrubBytesPerSecond: 0 },
        sessionMs: HOUR_MS * 10_000,
        limits: { devicePerMinute: 1_000_000 },
      },
      () => clock.nowMs,
    );
    const pool = Array.from({ length: 60 }, () => randomBlock(200 + Math.floor(random() * 3_000)));
    const client = await createClient(url);
    const packs = Array.from({ length: 30 }, () => {
      const blocks = [
        ...new Set(
          Array.from(
            { length: 1 + Math.floor(random() * 6) },
            () => pool[Math.floor(random() * pool.length)] as TestBlock,
          ),
        ),
      ];
      return { blocks, pack: packOf(blocks) };
    });
    const used = new Set<TestBlock>();
    const committing: { turn: Promise<unknown> } = { turn: Promise.resolve() };
    const worker = async (): Promise<void> => {
      for (let step = 0; step < 60; step++) {
        clock.nowMs += Math.floor(random() * 0.4 * HOUR_MS);
        const { blocks, pack } = packs[Math.floor(random() * packs.length)] as (typeof packs)[number];
        const what = random();
        if (what < 0.6)
          await upload(client, blocks, pack).catch((thrown: unknown) =>
            expect(String(thrown)).toMatch(/server-error|upload-expired/),
          );
        if (what < 0.3 || what > 0.85) {
          // One commit of a device at a time, as devices do.
          committing.turn = committing.turn.then(async () => {
            const answer = valueOf(await client.commit([createFile(blocks)]));
            if (answer.outcome === 'committed') for (const block of blocks) used.add(block);
            else expect(answer.outcome).toBe('blocks-missing');
          });
          await committing.turn;
        }
        if (random() < 0.2) expect(await read(client, [...used])).toBe(true);
      }
    };
    try {
      await Promise.all(Array.from({ length: 4 }, worker));
      expect(await read(client, [...used])).toBe(true);
      for (let i = 0; i < 8; i++) {
        clock.nowMs += 2.5 * HOUR_MS;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      expect(await read(client, [...used])).toBe(true);
      expect(used.size).toBeGreaterThan(5);
      expect(rows(data, 'select * from block')).toHaveLength(used.size);
      await eventually(() => files(data) - rows(data, 'select * from pack').length).toBe(0);
      expect(rows(data, 'select * from dead_object')).toEqual([]);
    } catch (thrown) {
      throw new Error(`seed ${seed}`, { cause: thrown });
    }
  },
);
