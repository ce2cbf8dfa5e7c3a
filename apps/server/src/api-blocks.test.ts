import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  announceUploadRequest,
  announceUploadResponse,
  buildPack,
  completeUploadRequest,
  encodeWire,
  LIMITS,
  putPackResponse,
  readBlocksRequest,
  uploadResponse,
  type CtHash,
  type OpId,
  type PackId,
  type UploadId,
} from '@onefold/protocol';
import { randomId } from './testing/test-account.ts';
import {
  createClient,
  createFile,
  packOf,
  randomBlock,
  splitFrames,
  valueOf,
  type TestBlock,
  type TestClient,
} from './testing/test-client.ts';
import { startTestServer, useTestServer } from './testing/started-server.ts';
import { putPack } from './testing/test-uploads.ts';

const shared = useTestServer();

async function announce(client: TestClient, reused: CtHash[] = [], opId = randomId<OpId>(16)) {
  return valueOf(
    await client.call('POST', client.path('/uploads'), announceUploadResponse, {
      schema: announceUploadRequest,
      value: { opId, nodes: [], paddedBytes: 1_000, reused },
    }),
  );
}

function put(client: TestClient, uploadId: UploadId, bytes: Uint8Array, packId = randomId<PackId>(16)) {
  return client.call('PUT', client.path(`/packs/${packId}?upload=${uploadId}`), putPackResponse, { pack: bytes });
}

async function read(client: TestClient, blocks: CtHash[]): Promise<Uint8Array[]> {
  const response = await client.raw('POST', client.path('/blocks/read'), encodeWire(readBlocksRequest, { blocks }));
  expect(response.status).toBe(200);
  return splitFrames(new Uint8Array(await response.arrayBuffer()));
}

function packFiles(data: string): string[] {
  return readdirSync(join(data, 'packs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test('blocks come back in the asked order, across packs, with nothing for those that are not there', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const { uploadId } = await announce(client);
  const blocks = [300, 1, 5_000, 70_000, 2_000_000, 12].map((length) => randomBlock(length));
  for (const part of [blocks.slice(0, 3), blocks.slice(3)]) valueOf(await put(client, uploadId, buildPack(part)));
  const absent = randomBlock();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...blocks, absent), { minLength: 1, maxLength: 20 }), async (asked) => {
      const got = await read(
        client,
        asked.map(({ ctHash }) => ctHash),
      );
      expect(got).toHaveLength(asked.length);
      asked.forEach((block, i) => {
        const expected = block === absent ? new Uint8Array(0) : block.sealed;
        expect(Buffer.compare(got[i] ?? new Uint8Array(1), expected)).toBe(0);
      });
    }),
    { numRuns: 12 },
  );
});

test('a pack with one wrong byte is refused, and nothing of it is kept', async () => {
  const { url, data } = await startTestServer();
  const client = await createClient(url);
  const { uploadId } = await announce(client);
  const blocks = [randomBlock(400), randomBlock(500)];
  const pack = buildPack(blocks);
  await fc.assert(
    fc.asyncProperty(fc.nat(pack.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const bad = pack.map((byte, i) => (i === at ? byte ^ flip : byte));
      expect(await put(client, uploadId, bad)).toMatchObject({ status: 422, code: 'pack-corrupt' });
    }),
    { numRuns: 60 },
  );
  expect(packFiles(data)).toEqual([]);
  expect(
    (
      await read(
        client,
        blocks.map(({ ctHash }) => ctHash),
      )
    ).every((block) => block.length === 0),
  ).toBe(true);
});

test('truncated, empty, oversized and interrupted packs are refused', async () => {
  const { url, data } = await startTestServer();
  const client = await createClient(url);
  const { uploadId } = await announce(client);
  const pack = buildPack([randomBlock(400), randomBlock(500)]);
  for (const length of [0, 1, 8, 399, pack.length - 1])
    expect(await put(client, uploadId, pack.slice(0, length))).toMatchObject({
      ok: false,
      code: 'pack-corrupt',
    });
  expect(await put(client, uploadId, new Uint8Array(LIMITS.packBytes + 1))).toMatchObject({ status: 413 });
  const { host, port, hostname } = new URL(url);
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `PUT ${client.path(`/packs/${randomId(16)}?upload=${uploadId}`)} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${client.token ?? ''}\r\ncontent-type: application/octet-stream\r\ncontent-length: ${pack.length}\r\n\r\n`,
      );
      socket.write(pack.subarray(0, 100), () => socket.destroy());
      resolve();
    });
  });
  expect((await client.raw('GET', '/readyz')).status).toBe(200);
  expect(packFiles(data)).toEqual([]);
});

test('the same pack again is answered alike and kept once; another under its id is refused', async () => {
  const { url, data } = await startTestServer();
  const client = await createClient(url);
  const { uploadId } = await announce(client);
  const { packId, bytes } = packOf([randomBlock(), randomBlock()]);
  const answers = await Promise.all([1, 2, 3].map(() => put(client, uploadId, bytes, packId)));
  for (const answer of answers) expect(valueOf(answer)).toEqual({ stored: 2, state: 'pending' });
  expect(valueOf(await put(client, uploadId, bytes, packId)).stored).toBe(2);
  expect(await put(client, uploadId, buildPack([randomBlock()]), packId)).toMatchObject({
    status: 400,
    code: 'invalid-argument',
  });
  expect(packFiles(data)).toHaveLength(1);
});

test('what is stored is what was sent, and nothing else of it is on the disk', async () => {
  const { url, data } = await startTestServer();
  const client = await createClient(url);
  const { bytes, packId } = packOf([randomBlock(900)]);
  const { uploadId } = await announce(client);
  valueOf(await put(client, uploadId, bytes, packId));
  const [file] = packFiles(data);
  expect(Buffer.compare(readFileSync(file ?? ''), bytes)).toBe(0);
});

test('an announcement pins what is there and names what is not; the same opId finds the same upload', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const [here, away] = [randomBlock(), randomBlock()];
  const first = await announce(client);
  valueOf(await put(client, first.uploadId, buildPack([here])));
  const opId = randomId<OpId>(16);
  const second = await announce(client, [here.ctHash, away.ctHash, here.ctHash], opId);
  expect(second.missing).toEqual([away.ctHash]);
  expect(await announce(client, [here.ctHash], opId)).toEqual({ uploadId: second.uploadId, missing: [] });
  const state = valueOf(await client.call('GET', client.path(`/uploads/${second.uploadId}`), uploadResponse));
  expect(state).toEqual({ state: 'pending', stored: [here.ctHash] });
});

test('an upload is uploaded when every named block is stored, whichever comes last, and committed with its entry', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const blocks = [randomBlock(), randomBlock()];
  const [one, two] = blocks as [TestBlock, TestBlock];
  const hashes = blocks.map(({ ctHash }) => ctHash);
  const complete = (uploadId: UploadId) =>
    client.call('POST', client.path(`/uploads/${uploadId}/complete`), uploadResponse, {
      schema: completeUploadRequest,
      value: { blocks: hashes },
    });
  const { uploadId } = await announce(client);
  valueOf(await put(client, uploadId, buildPack([one])));
  expect(valueOf(await complete(uploadId)).state).toBe('pending');
  expect(valueOf(await put(client, uploadId, buildPack([two]))).state).toBe('uploaded');

  const later = await announce(client, hashes);
  expect(valueOf(await complete(later.uploadId)).state).toBe('uploaded');
  const committed = valueOf(await client.commit([createFile(blocks)], { uploadId }));
  expect(valueOf(await client.call('GET', client.path(`/uploads/${uploadId}`), uploadResponse))).toMatchObject({
    state: 'committed',
    committed: { seq: (committed as { seq: number }).seq },
  });
});

test('the last two blocks of an upload, stored at once, still make it uploaded', async () => {
  const { url } = shared;
  const client = await createClient(url);
  for (let round = 0; round < 5; round++) {
    const blocks = Array.from({ length: 6 }, () => randomBlock());
    const { uploadId } = await announce(client);
    const completing = client.call('POST', client.path(`/uploads/${uploadId}/complete`), uploadResponse, {
      schema: completeUploadRequest,
      value: { blocks: blocks.map(({ ctHash }) => ctHash) },
    });
    await Promise.all([completing, ...blocks.map((block) => put(client, uploadId, buildPack([block])))]);
    const { state } = valueOf(await client.call('GET', client.path(`/uploads/${uploadId}`), uploadResponse));
    expect(state).toBe('uploaded');
  }
});

test('an upload that nobody goes on with expires, and says so', async () => {
  let nowMs = Date.now();
  const { url } = await startTestServer({ uploadExpiryMs: 60_000, sweepEveryMs: 50 }, () => nowMs);
  const client = await createClient(url);
  const { uploadId } = await announce(client);
  nowMs += 61_000;
  await expect
    .poll(async () => valueOf(await client.call('GET', client.path(`/uploads/${uploadId}`), uploadResponse)).state, {
      timeout: 10_000,
    })
    .toBe('expired');
  expect(await put(client, uploadId, buildPack([randomBlock()]))).toMatchObject({
    status: 410,
    code: 'upload-expired',
  });
});

test('packs beyond the memory for them wait their turn and arrive all the same', async () => {
  const { url } = await startTestServer({ limits: { packMemoryBytes: 16 * 1024 * 1024 } });
  const client = await createClient(url);
  const { uploadId } = await announce(client);
  const blocks = Array.from({ length: 8 }, () => randomBlock(4_000_000));
  const answers = await Promise.all(blocks.map((block) => put(client, uploadId, buildPack([block]))));
  for (const answer of answers) expect(valueOf(answer).stored).toBe(1);
  const got = await read(
    client,
    blocks.map(({ ctHash }) => ctHash),
  );
  blocks.forEach((block, i) => expect(Buffer.compare(got[i] ?? new Uint8Array(), block.sealed)).toBe(0));
});

test('an upload is its own device’s, and random bytes are no pack', async () => {
  const { url } = shared;
  const client = await createClient(url);
  expect(await put(client, randomId<UploadId>(16), buildPack([randomBlock()]))).toMatchObject({ status: 404 });
  const { uploadId } = await announce(client);
  for (let length = 1; length < 3_000; length += 271)
    expect(await put(client, uploadId, randomBytes(length))).toMatchObject({ code: 'pack-corrupt' });
});

test('a pack rides along with an entry up to its limit, and beyond it travels by itself', async () => {
  const client = await createClient(shared.url);
  const rest = (total: number): TestBlock[] => {
    const three = Array.from({ length: 3 }, () => randomBlock(256 * 1024));
    const empty = packOf([...three, randomBlock(200_000)]).bytes.length - 200_000;
    return [...three, randomBlock(total - empty)];
  };
  const [fits, doesNot] = [rest(LIMITS.inlinePackBytes), rest(LIMITS.inlinePackBytes + 1)];
  const [whole, larger] = [packOf(fits), packOf(doesNot)];
  expect([whole, larger].map((pack) => pack.bytes.length - LIMITS.inlinePackBytes)).toEqual([0, 1]);
  expect(valueOf(await client.commit([createFile(fits)], { pack: whole })).outcome).toBe('committed');
  const answer = await client.commit([createFile(doesNot)], { pack: larger });
  expect(answer).toEqual({ ok: false, status: 413, code: 'body-too-large' });
  await putPack(client, (await announce(client)).uploadId, doesNot);
  expect(valueOf(await client.commit([createFile(doesNot)])).outcome).toBe('committed');
});
