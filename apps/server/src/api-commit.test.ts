import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import fc from 'fast-check';
import { entryHash, nextHash, sha256 } from '@onefold/journal';
import {
  changesetBodySchema,
  commitRequest,
  commitResponse,
  encodeWire,
  entriesResponse,
  LIMITS,
  timesResponse,
  usageResponse,
  versionsResponse,
  type Change,
  type CommitResponse,
  type CtHash,
  type Hash,
  type NameTag,
  type NodeId,
} from '@onefold/protocol';
import { makeDevices } from './testing/linearizability/clients.ts';
import { createTestDevice, randomId } from './testing/test-account.ts';
import {
  createClient,
  createFile,
  createFolder,
  packOf,
  randomBlock,
  TestClient,
  valueOf,
  type Answer,
} from './testing/test-client.ts';
import { startTestServer, useTestServer } from './testing/started-server.ts';

const shared = useTestServer();

function outcomeOf(answer: Answer<CommitResponse>): string {
  return answer.ok ? answer.value.outcome : answer.code;
}

test('entries are served verbatim, in order, each hash following from the one before', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const sent = [client.account.request.genesis];
  for (let i = 0; i < 5; i++) {
    const entry = client.sign([createFolder()]);
    sent.push(entry);
    expect(outcomeOf(await client.send({ entry }))).toBe('committed');
  }
  const page = await client.entries(-1);
  expect(page.entries.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5]);
  page.entries.forEach(({ seq, ...entry }, i) => {
    for (const part of ['header', 'signature', 'body'] as const)
      expect(Buffer.compare(entry[part], sent[i]?.[part] ?? new Uint8Array())).toBe(0);
    expect(seq).toBe(i);
  });
  let hash = entryHash(sent[0] as (typeof sent)[0]);
  for (const entry of page.entries.slice(1)) hash = nextHash(hash, entry.seq, entryHash(entry));
  expect(page.head).toMatchObject({ seq: 5, hash });
  expect((await client.entries(5)).entries).toEqual([]);
});

test('a page of the journal is compressed for those who can read it', async () => {
  const { url } = shared;
  const client = await createClient(url);
  for (let i = 0; i < 3; i++) await client.commit([createFolder()]);
  const plain = await client.raw('GET', client.path('/entries?after=-1'), undefined, { 'accept-encoding': 'identity' });
  const packed = await client.raw('GET', client.path('/entries?after=-1'), undefined, { 'accept-encoding': 'zstd' });
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect(packed.headers.get('content-encoding')).toBe('zstd');
  const { zstdDecompressSync } = await import('node:zlib');
  const body = new Uint8Array(await packed.arrayBuffer());
  const isStillPacked = body[0] === 0x28 && body[1] === 0xb5;
  expect(new Uint8Array(isStillPacked ? zstdDecompressSync(body) : body)).toEqual(
    new Uint8Array(await plain.arrayBuffer()),
  );
});

test('a caller who has seen more than this server knows gets an error, not an older answer', async () => {
  const { url } = shared;
  const client = await createClient(url);
  for (const query of ['after=1', 'after=-1&minSeq=1'])
    expect(await client.call('GET', client.path(`/entries?${query}`), entriesResponse)).toMatchObject({ status: 503 });
});

test('a commit whose answer was lost is answered alike, and stands once', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const request = { entry: client.sign([createFolder()]) };
  const first = valueOf(await client.send(request));
  await client.commit([createFolder()]);
  expect(valueOf(await client.send(request))).toEqual(first);
  expect((await client.entries(-1)).entries).toHaveLength(3);
});

test('what stands is told to who asks again, though the pack that comes along is no use by now', async () => {
  const client = await createClient(shared.url);
  const block = randomBlock();
  const pack = packOf([block]);
  const entry = client.sign([createFile([block])]);
  const first = valueOf(await client.send({ entry, pack }));
  expect(first.outcome).toBe('committed');
  const broken = { ...pack, bytes: pack.bytes.slice(0, -1) };
  expect(await client.send({ entry: client.sign([createFile([randomBlock()])]), pack: broken })).toMatchObject({
    code: 'pack-corrupt',
  });
  expect(valueOf(await client.send({ entry, pack: broken }))).toEqual(first);
});

test('the same commit sent many times at once stands once', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const request = { entry: client.sign([createFolder()]) };
  const answers = await Promise.all(Array.from({ length: 8 }, () => client.send(request)));
  expect(new Set(answers.map((answer) => JSON.stringify(valueOf(answer)))).size).toBe(1);
  expect((await client.entries(-1)).entries).toHaveLength(2);
});

test('an opId stands for one entry only', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const opId = randomId<never>(16);
  await client.send({ entry: client.sign([createFolder()], { opId }) });
  expect(await client.send({ entry: client.sign([createFolder()], { opId }) })).toMatchObject({
    status: 400,
    code: 'invalid-argument',
  });
});

test('an entry whose blocks are not here is not accepted, and names them', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const [here, away] = [randomBlock(), randomBlock()];
  const entry = client.sign([createFile([here, away])]);
  const answer = valueOf(await client.send({ entry, pack: packOf([here]) }));
  expect(answer).toMatchObject({ outcome: 'blocks-missing', missing: [away.ctHash] });
  expect((await client.entries(-1)).entries).toHaveLength(1);
  // The pack that came along was kept: only the other one is still needed, and the very same entry will do.
  expect(outcomeOf(await client.send({ entry, pack: packOf([away]) }))).toBe('committed');
});

test('a block that is not as long as the entry says is refused', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const block = randomBlock(300);
  const file = createFile([block]);
  if (file.op !== 'create' || file.content === undefined) throw new Error('a file');
  file.content.added = [[block.ctHash, 301]];
  expect(await client.commit([file], { pack: packOf([block]) })).toMatchObject({
    status: 422,
    code: 'journal-invalid',
  });
});

test('a refusal lists every failing change and leaves nothing behind', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const tag = randomId<NameTag>(32);
  const first = createFile([], { nameTag: tag });
  expect(outcomeOf(await client.commit([first]))).toBe('committed');
  const fine = createFolder();
  const answer = valueOf(
    await client.commit([fine, createFile([], { nameTag: tag }), createFile([], { parent: randomId<NodeId>(16) })]),
  );
  expect(answer).toMatchObject({
    outcome: 'refused',
    refusals: [
      { index: 1, reason: 'name-taken', other: first.node },
      { index: 2, reason: 'parent-missing' },
    ],
  });
  expect(outcomeOf(await client.commit([{ ...fine, op: 'create' } as Change]))).toBe('committed');
});

test('versions of a file are told oldest first with their sealed parts', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const node = randomId<NodeId>(16);
  const [one, two] = [randomBlock(), randomBlock()];
  const create = createFile([one], { node });
  await client.commit([create], { pack: packOf([one]) });
  const sealed = new Uint8Array(256).fill(7);
  const change: Change = {
    op: 'content',
    node,
    base: 1,
    added: [[two.ctHash, two.sealed.length]],
    dropped: [one.ctHash],
    sealed,
  };
  await client.commit([change], { pack: packOf([two]) });
  const { versions } = valueOf(await client.call('GET', client.path(`/nodes/${node}/versions`), versionsResponse));
  expect(versions.map(({ version, seq }) => [version, seq])).toEqual([
    [1, 1],
    [2, 2],
  ]);
  expect(versions[1]?.sealed).toEqual(sealed);
});

test('nothing is told that stands above the head of the call, as a commit of a deposed primary might', async () => {
  const { url, data } = await startTestServer();
  const client = await createClient(url);
  const block = randomBlock();
  const node = randomId<NodeId>(16);
  valueOf(await client.commit([createFile([block], { node })], { pack: packOf([block]) }));
  const database = new Database(join(data, 'metadata.db'));
  const copy = (table: string, changed: Record<string, string>): void => {
    const columns = database.prepare(`pragma table_info(${table})`).all() as { name: string }[];
    const values = columns.map(({ name }) => changed[name] ?? `"${name}"`).join();
    database.exec(`insert into ${table} select ${values} from ${table} where seq = 1`);
  };
  // The call's head was read before these came.
  copy('file_version', { version: '2', seq: '2' });
  copy('entry', { seq: '2', device_seq: '2', op_id: 'randomblob(16)' });
  database.close();
  const path = client.path(`/nodes/${node}/versions`);
  expect(valueOf(await client.call('GET', path, versionsResponse)).versions.map(({ seq }) => seq)).toEqual([1]);
  const times = valueOf(await client.call('GET', client.path('/times?seqs=1,2'), timesResponse)).times;
  expect(times.map(({ seq }) => seq)).toEqual([1]);
  expect((await client.entries(0)).entries.map(({ seq }) => seq)).toEqual([1]);
});

test('when entries were accepted is told by position and by moment', async () => {
  const { url } = shared;
  const client = await createClient(url);
  await client.commit([createFolder()]);
  await client.commit([createFolder()]);
  const read = async (query: string) =>
    valueOf(await client.call('GET', client.path(`/times?${query}`), timesResponse)).times;
  const [second, first] = await read('seqs=1,2,99');
  expect([second?.seq, first?.seq]).toEqual([2, 1]);
  expect(first!.acceptedAtMs).toBeLessThanOrEqual(second!.acceptedAtMs);
  expect(await read(`at=${second!.acceptedAtMs}`)).toEqual([second]);
  expect(await read('at=0')).toEqual([]);
  for (const query of ['', 'seqs=', 'seqs=1;2', 'at=x'])
    expect(await client.call('GET', client.path(`/times?${query}`), timesResponse)).toMatchObject({ status: 400 });
});

test('what is stored is told, with what may be', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const block = randomBlock();
  await client.commit([createFile([block])], { pack: packOf([block]) });
  const { usedBytes, quotaBytes } = valueOf(await client.call('GET', client.path('/usage'), usageResponse));
  expect(usedBytes).toBeGreaterThanOrEqual(block.sealed.length);
  expect(quotaBytes).toBe(null);
});

test('parallel commits get positions without gaps, and exactly one of those that want a name gets it', async () => {
  const { url } = shared;
  const clients = await makeDevices({ urls: [url] }, 6);
  const [first] = clients as [TestClient];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 6 }), async (names) => {
      for (const client of clients) await client.catchUp();
      const before = first.head.seq;
      const tags = [0, 1, 2, 3].map(() => randomId<NameTag>(32));
      const answers = await Promise.all(
        clients.map((client, i) => client.commit([createFile([], { nameTag: tags[names[i]!]! })])),
      );
      await first.catchUp();
      const seqs = answers.flatMap((answer) =>
        answer.ok && answer.value.outcome === 'committed' ? [answer.value.seq] : [],
      );
      expect(seqs.toSorted((a, b) => a - b)).toEqual(seqs.map((_, i) => before + 1 + i));
      expect(first.head.seq).toBe(before + seqs.length);
      const winners = names.filter((_, i) => outcomeOf(answers[i]!) === 'committed');
      expect(winners.toSorted()).toEqual([...new Set(names)].toSorted());
      for (const answer of answers) expect(['committed', 'refused']).toContain(outcomeOf(answer));
    }),
    { numRuns: 8 },
  );
});

test('an entry is committed only by the device that signed it, and only with its signature', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const thief = new TestClient(url, client.account, createTestDevice());
  expect(await client.send({ entry: thief.sign([createFolder()]) })).toMatchObject({ code: 'forbidden' });
  const entry = client.sign([createFolder()]);
  const forged = { ...entry, signature: Uint8Array.from(entry.signature, (byte, i) => (i === 5 ? byte ^ 1 : byte)) };
  expect(await client.send({ entry: forged })).toMatchObject({ status: 403, code: 'signature-invalid' });
  const swapped = { ...entry, body: encodeWire(changesetBodySchema, { changes: [createFolder()] }) };
  expect(await client.send({ entry: swapped })).toMatchObject({ status: 422, code: 'journal-invalid' });
});

test('a changeset of a thousand changes stands whole, and other calls are answered meanwhile', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const changes = Array.from({ length: LIMITS.changesPerEntry }, () => createFolder());
  const body = encodeWire(commitRequest, { entry: client.sign(changes) });
  const committing = client.raw('POST', client.path('/entries'), body);
  let answered = 0;
  let isDone = false;
  void committing.then(() => (isDone = true));
  while (!isDone) {
    expect((await client.raw('GET', '/healthz')).status).toBe(200);
    answered++;
  }
  expect(answered).toBeGreaterThan(0);
  const answer = await committing;
  expect(answer.status).toBe(200);
  await client.catchUp();
  expect(client.head.seq).toBe(1);
});

test('hostile bodies are refused with a code and change nothing', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const good = encodeWire(commitRequest, { entry: client.sign([createFolder()]) });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 400 }),
        fc
          .tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }))
          .map(([at, flip]) => good.map((byte, i) => (i === at ? byte ^ flip : byte))),
        fc.nat(good.length - 1).map((length) => good.slice(0, length)),
      ),
      async (body) => {
        const response = await client.raw('POST', client.path('/entries'), body);
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.status).toBeLessThan(500);
      },
    ),
    { numRuns: 150 },
  );
  expect((await client.entries(-1)).entries).toHaveLength(1);
  const nested = new Uint8Array(100_000).fill(0x81);
  expect((await client.raw('POST', client.path('/entries'), nested)).status).toBe(400);
  const huge = new Uint8Array(8 * 1024 * 1024);
  expect((await client.raw('POST', client.path('/entries'), huge)).status).toBe(413);
  expect((await client.raw('POST', client.path('/entries'), good, { 'content-type': 'text/html' })).status).toBe(400);
});

test('a journal larger than its cache is read whole, page by page', async () => {
  const { url } = await startTestServer({ limits: { entryCacheBytes: 5_000 } });
  const client = await createClient(url);
  for (let i = 0; i < 12; i++) await client.commit([createFolder(), createFolder()]);
  for (const _ of [1, 2]) {
    const hashes: Hash[] = [];
    let hash = client.namespace as string as Hash;
    for (let after = 0; after < client.head.seq; after = hashes.length) {
      const { entries } = await client.entries(after);
      for (const entry of entries) {
        hash = nextHash(hash, entry.seq, entryHash(entry));
        hashes.push(hash);
      }
    }
    expect(hashes).toHaveLength(12);
    expect(hashes.at(-1)).toBe(client.head.hash);
  }
});

test('what the commit answers is the hash of the entry in its place', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const before = client.head;
  const entry = client.sign([createFolder()]);
  const answer = valueOf(
    await client.call('POST', client.path('/entries'), commitResponse, { schema: commitRequest, value: { entry } }),
  );
  expect(answer).toEqual({ outcome: 'committed', seq: 1, hash: nextHash(before.hash, 1, entryHash(entry)) });
  expect(sha256(entry.header, entry.signature) as string as CtHash).toBe(entryHash(entry));
});
