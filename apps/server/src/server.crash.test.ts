import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import {
  announceUploadRequest,
  announceUploadResponse,
  decodeWire,
  putPackResponse,
  type CommitRequest,
  type OpId,
} from '@onefold/protocol';
import { verify, type Acknowledged } from './testing/acknowledged.ts';
import { randomId } from './testing/test-account.ts';
import { createClient, createFile, packOf, randomBlock, valueOf, type TestClient } from './testing/test-client.ts';
import { runServerCommand, spawnServer, type SpawnedServer } from './testing/spawned-server.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const ROUNDS = 8;
const WRITERS = 3;

interface Written extends Acknowledged {
  /** Sent, and not answered when the server died. */
  inFlight: CommitRequest | undefined;
}

async function writeUntilDead(client: TestClient, done: Written, random: () => number): Promise<void> {
  try {
    for (;;) {
      const blocks = Array.from({ length: 1 + Math.floor(random() * 20) }, () =>
        randomBlock(1 + Math.floor(random() * 30_000)),
      );
      const pack = packOf(blocks);
      const file = createFile(blocks);
      if (random() < 0.5) {
        done.inFlight = { entry: client.sign([file]), ...(pack.bytes.length < 1_000_000 ? { pack } : {}) };
        if (done.inFlight.pack === undefined) continue;
      } else {
        const value = { opId: randomId<OpId>(16), nodes: [], paddedBytes: pack.bytes.length, reused: [] };
        const { uploadId } = valueOf(
          await client.call('POST', client.path('/uploads'), announceUploadResponse, {
            schema: announceUploadRequest,
            value,
          }),
        );
        valueOf(
          await client.call('PUT', client.path(`/packs/${pack.packId}?upload=${uploadId}`), putPackResponse, {
            pack: pack.bytes,
          }),
        );
        done.blocks.push(...blocks);
        done.inFlight = { entry: client.sign([file]), uploadId };
      }
      const answer = valueOf(await client.send(done.inFlight));
      if (answer.outcome !== 'committed') throw new Error(`refused: ${JSON.stringify(answer)}`);
      done.commits.push({ seq: answer.seq, hash: answer.hash });
      done.blocks.push(...blocks);
      done.inFlight = undefined;
    }
  } catch (thrown) {
    // fetch rejects with a TypeError when the connection dies; anything else is a finding.
    if (!(thrown instanceof TypeError)) throw thrown;
  }
}

/** An entry whose answer was lost goes again, byte for byte: it stands once, whether it had stood before or not. */
async function settleInFlight(client: TestClient, done: Written): Promise<void> {
  const request = done.inFlight;
  if (request === undefined) return;
  const first = valueOf(await client.send(request));
  expect(first.outcome).toBe('committed');
  expect(valueOf(await client.send(request))).toEqual(first);
  if (first.outcome === 'committed') done.commits.push({ seq: first.seq, hash: first.hash });
  done.inFlight = undefined;
}

function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('kill -9 amid commits and packs, again and again: all that was acknowledged is there', async () => {
  const seed = Number(process.env['ONEFOLD_SEED'] ?? Date.now() % 2 ** 32);
  const random = seededRandom(seed);
  const data = temporaryFolder();
  let server: SpawnedServer = await spawnServer(data);
  let isKilled = false;
  onTestFinished(async () => {
    if (!isKilled) await server.end('SIGKILL');
  });
  const clients = await Promise.all(Array.from({ length: WRITERS }, () => createClient(server.url)));
  const done = clients.map((): Written => ({ commits: [], blocks: [], inFlight: undefined }));
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const writing = clients.map((client, i) => writeUntilDead(client, done[i] as Written, random));
      await new Promise((resolve) => setTimeout(resolve, 150 + random() * 1_500));
      expect(await server.end('SIGKILL')).toBe('SIGKILL');
      isKilled = true;
      await Promise.all(writing);
      server = await spawnServer(data);
      isKilled = false;
      for (const [i, client] of clients.entries()) {
        client.url = server.url;
        await verify(client, done[i] as Written);
        await settleInFlight(client, done[i] as Written);
        await verify(client, done[i] as Written);
      }
    }
    expect(done.reduce((sum, { commits }) => sum + commits.length, 0)).toBeGreaterThan(ROUNDS * 2);
    expect(await server.end('SIGTERM')).toBe(0);
    isKilled = true;
    expect(existsSync(join(data, 'server.pid'))).toBe(false);
    const { code, stdout } = await runServerCommand(['admin', 'fsck', '--data', data, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ isSound: true, damage: [], users: WRITERS });
    expect(code).toBe(0);
  } catch (thrown) {
    throw new Error(`seed ${seed}`, { cause: thrown });
  }
});

test('a folder has one server at a time; a killed one leaves it free', async () => {
  const data = temporaryFolder();
  const first = await spawnServer(data);
  expect(Number(readFileSync(join(data, 'server.pid'), 'utf8'))).toBe(first.pid);
  const second = await runServerCommand(['--data', data, '--listen', '127.0.0.1:0', '--json']);
  expect(second.code).toBe(1);
  expect(JSON.parse(second.stdout)).toMatchObject({ event: 'error', code: 'daemon-running' });
  expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
  await first.end('SIGKILL');
  const third = await spawnServer(data);
  expect(Number(readFileSync(join(data, 'server.pid'), 'utf8'))).toBe(third.pid);
  expect(await third.end('SIGINT')).toBe(0);
});

test('a server that is asked to stop answers what it was asked first', async () => {
  const data = temporaryFolder();
  const server = await spawnServer(data);
  const client = await createClient(server.url);
  const changes = Array.from({ length: 800 }, () => createFile([]));
  const committing = client.send({ entry: client.sign(changes) });
  await new Promise((resolve) => setTimeout(resolve, 30));
  const ended = server.end('SIGTERM');
  expect(valueOf(await committing)).toMatchObject({ outcome: 'committed', seq: 1 });
  expect(await ended).toBe(0);
  const next = await spawnServer(data);
  client.url = next.url;
  expect((await client.entries(0)).head.seq).toBe(1);
  expect(await next.end('SIGTERM')).toBe(0);
});

test('a pack that is arriving when the server is asked to stop is taken in and answered', async () => {
  const data = temporaryFolder();
  const server = await spawnServer(data);
  const client = await createClient(server.url);
  const block = randomBlock(2_000_000);
  const { bytes, packId } = packOf([block]);
  const value = { opId: randomId<OpId>(16), nodes: [], paddedBytes: bytes.length, reused: [] };
  const { uploadId } = valueOf(
    await client.call('POST', client.path('/uploads'), announceUploadResponse, {
      schema: announceUploadRequest,
      value,
    }),
  );
  let ended: Promise<number | string> | undefined;
  // Three pieces, and between them the signal.
  const body = async function* () {
    for (let at = 0; at < bytes.length; at += 700_000) {
      yield bytes.slice(at, at + 700_000);
      await new Promise((resolve) => setTimeout(resolve, 300));
      ended ??= server.end('SIGTERM');
    }
  };
  const answer = await fetch(`${server.url}${client.path(`/packs/${packId}?upload=${uploadId}`)}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${client.token ?? ''}`, 'content-type': 'application/octet-stream' },
    body: Readable.toWeb(Readable.from(body())),
    duplex: 'half',
  } as RequestInit);
  expect(answer.status).toBe(200);
  expect(decodeWire(putPackResponse, new Uint8Array(await answer.arrayBuffer())).stored).toBe(1);
  expect(await ended).toBe(0);
  const next = await spawnServer(data);
  client.url = next.url;
  expect(valueOf(await client.commit([createFile([block])])).outcome).toBe('committed');
  expect(await next.end('SIGTERM')).toBe(0);
});

test('asked to take up its certificate anew, a server that has none goes on', async () => {
  const server = await spawnServer(temporaryFolder());
  process.kill(server.pid, 'SIGHUP');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  expect(await server.end('SIGTERM')).toBe(0);
});
