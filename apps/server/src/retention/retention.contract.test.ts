import { expect, test } from 'vitest';
import {
  commitResponse,
  purgedRequest,
  purgedResponse,
  purgeResponse,
  readBlocksRequest,
  encodeWire,
  retentionResponse,
  ROOT_NODE,
  setRetentionRequest,
  versionsResponse,
  type Change,
  type NameTag,
  type NodeId,
  type RetentionPolicy,
} from '@onefold/protocol';
import { onBothGrounds } from '../testing/on-both-grounds.ts';
import { bytes, randomId } from '../testing/test-account.ts';
import {
  createClient,
  createFile,
  createFolder,
  editFile,
  packOf,
  randomBlock,
  splitFrames,
  valueOf,
  type TestBlock,
  type TestClient,
} from '../testing/test-client.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const EVERYTHING: RetentionPolicy = { isThinned: false, versionDays: null, versionCount: null, trashDays: null };
const eventually = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 20_000 });

onBothGrounds('retention', (ground) => {
  async function start(retention: Partial<RetentionPolicy> = {}) {
    const clock = { nowMs: Date.UTC(2026, 0, 5, 12) };
    const config = {
      uploadExpiryMs: HOUR_MS,
      sweepEveryMs: 50,
      retention: { ...EVERYTHING, everyMs: 50, passEveryMs: HOUR_MS, settleMs: 0, ...retention },
      collection: { everyMs: 50, graceMs: 2 * HOUR_MS, condemnedMs: HOUR_MS, scrubBytesPerSecond: 0 },
    };
    const server = await ground.start(config, () => clock.nowMs);
    const client = await createClient(server.url);
    const later = async (ms: number): Promise<void> => {
      clock.nowMs += ms;
      valueOf(await client.openSession());
    };
    return { server, client, later };
  }

  test('the server’s policy holds until the owner chooses, and again when the choice is given back', async () => {
    const { client, server } = await start({ trashDays: 90 });
    const serverPolicy = { ...EVERYTHING, trashDays: 90 };
    const get = async () => valueOf(await client.call('GET', client.path('/retention'), retentionResponse));
    expect(await get()).toEqual({ policy: serverPolicy, isDefault: true, serverPolicy });
    const policy = { isThinned: true, versionDays: 7, versionCount: 3, trashDays: null };
    expect(valueOf(await choose(client, policy))).toEqual({ policy, isDefault: false, serverPolicy });
    expect(await get()).toEqual({ policy, isDefault: false, serverPolicy });
    valueOf(await choose(client, null));
    expect((await get()).isDefault).toBe(true);
    const audit = await server.rows(`select action from audit where action = 'retention-set'`);
    expect(audit).toHaveLength(2);
    expect(await client.raw('PUT', client.path('/retention'), new Uint8Array([0xa0]))).toMatchObject({ status: 400 });
  });

  test('old versions go by days, the current one stays, and their blocks go when their grace is over', async () => {
    const { client, later } = await start({ versionDays: 2 });
    const node = randomId<NodeId>(16);
    const [kept, first, second, third] = [randomBlock(), randomBlock(), randomBlock(), randomBlock()];
    await save(client, createFile([kept, first], { node }), [kept, first]);
    await later(DAY_MS);
    await save(client, editFile(node, 1, [second], [first]), [second]);
    await later(DAY_MS);
    await save(client, editFile(node, 2, [third], [second]), [third]);
    await later(DAY_MS + HOUR_MS);
    await eventually(() => versionsOf(client, node)).toEqual([2, 3]);
    // Freed, and still there: nothing is deleted before its grace.
    expect(await held(client, [first])).toEqual([true]);
    await later(3 * HOUR_MS);
    await eventually(() => held(client, [first])).toEqual([false]);
    await later(40 * DAY_MS);
    await eventually(() => versionsOf(client, node)).toEqual([3]);
    await later(3 * HOUR_MS);
    await eventually(() => held(client, [kept, second, third])).toEqual([true, false, true]);
    await later(3 * HOUR_MS);
    expect(await held(client, [kept, third])).toEqual([true, true]);
  });

  test('a block that an old version gave up and a newer one took up again stays with the newer one', async () => {
    const { client, later, server } = await start({ versionCount: 2 });
    const node = randomId<NodeId>(16);
    const [again, other, last] = [randomBlock(), randomBlock(), randomBlock()];
    await save(client, createFile([again], { node }), [again]);
    await save(client, editFile(node, 1, [other], [again]), [other]);
    await save(client, editFile(node, 2, [again], [other]), []);
    await save(client, editFile(node, 3, [last], []), [last]);
    await save(client, editFile(node, 4, [], [last]), []);
    await later(2 * HOUR_MS);
    await eventually(() => versionsOf(client, node)).toEqual([4, 5]);
    for (let i = 0; i < 3; i++) await later(4 * HOUR_MS);
    await eventually(() => held(client, [other])).toEqual([false]);
    expect(await held(client, [again, last])).toEqual([true, true]);
    const said = await server.rows('select version, is_added from version_block order by version, is_added desc');
    expect(said.map((row) => [Number(row['version']), Number(row['is_added'])])).toEqual([
      [4, 1],
      [4, 1],
      [5, 0],
    ]);
  });

  test('what was deleted goes after its days; until then it can be restored, afterwards no more', async () => {
    const { client, later } = await start({ trashDays: 10 });
    const [folder, file] = [randomId<NodeId>(16), randomId<NodeId>(16)];
    const block = randomBlock();
    await save(client, createFolder({ node: folder }), []);
    await save(client, createFile([block], { node: file, parent: folder }), [block]);
    await save(client, place(folder, 1, true), []);
    await later(9 * DAY_MS);
    await save(client, place(folder, 2, false), []);
    await save(client, place(folder, 3, true), []);
    await later(9 * DAY_MS);
    expect(await versionsOf(client, file)).toEqual([1]);
    await later(2 * DAY_MS);
    await eventually(() => versionsOf(client, file)).toEqual([]);
    for (const change of [place(folder, 4, false), place(file, 1, false)])
      expect(valueOf(await client.commit([change]))).toMatchObject({
        outcome: 'refused',
        refusals: [{ reason: 'blocks-missing', node: change.node }],
      });
    await later(4 * HOUR_MS);
    await eventually(() => held(client, [block])).toEqual([false]);
  });

  test('the owner purges one old version, or one deleted file, at once; nobody the current one', async () => {
    const { client, server } = await start();
    const node = randomId<NodeId>(16);
    const [first, second] = [randomBlock(), randomBlock()];
    await save(client, createFile([first], { node }), [first]);
    await save(client, editFile(node, 1, [second], [first]), [second]);
    const purge = (rest: string) => client.call('DELETE', client.path(`/nodes/${node}${rest}`), purgeResponse);
    expect(await purge('/versions/2')).toMatchObject({ code: 'invalid-argument' });
    expect(await purge('')).toMatchObject({ code: 'invalid-argument' });
    expect(valueOf(await purge('/versions/1'))).toEqual({ versions: 1 });
    expect(await purge('/versions/1')).toMatchObject({ code: 'not-found' });
    expect(await versionsOf(client, node)).toEqual([2]);
    await save(client, place(node, 1, true), []);
    expect(valueOf(await purge(''))).toEqual({ versions: 1 });
    expect(await versionsOf(client, node)).toEqual([]);
    expect(valueOf(await purge(''))).toEqual({ versions: 0 });
    const others = [randomId<NodeId>(16), randomId<NodeId>(16)];
    await save(client, createFolder({ node: others[0] as NodeId }), []);
    const value = { nodes: [...others, node] };
    const asked = await client.call('POST', client.path('/purged'), purgedResponse, { schema: purgedRequest, value });
    expect(valueOf(asked)).toEqual({ purged: [node] });
    const actions = await server.rows(`select action from audit where action like '%purged' order by action`);
    expect(actions.map((row) => row['action'])).toEqual(['trash-purged', 'trash-purged', 'versions-purged']);
  });

  test('a deleted file inside a deleted folder can be purged alone; then the folder as it was cannot come back', async () => {
    const { client } = await start();
    const [folder, inner, beside] = [randomId<NodeId>(16), randomId<NodeId>(16), randomId<NodeId>(16)];
    const [a, b] = [randomBlock(), randomBlock()];
    await save(client, createFolder({ node: folder }), []);
    await save(client, createFile([a], { node: inner, parent: folder }), [a]);
    await save(client, createFile([b], { node: beside, parent: folder }), [b]);
    await save(client, place(folder, 1, true), []);
    valueOf(await client.call('DELETE', client.path(`/nodes/${inner}`), purgeResponse));
    expect(valueOf(await client.commit([place(folder, 2, false)]))).toMatchObject({ outcome: 'refused' });
    expect(valueOf(await client.commit([place(beside, 1, false)]))).toMatchObject({ outcome: 'committed' });
    expect(await versionsOf(client, beside)).toEqual([1]);
  });

  test('a large deleted folder goes in steps, and a purge that was cut off is gone on with', async () => {
    const { client, later, server } = await start();
    const folder = randomId<NodeId>(16);
    const block = randomBlock();
    await save(client, createFolder({ node: folder }), []);
    const files = Array.from({ length: 600 }, () => createFile([block], { parent: folder }));
    valueOf(await client.commit(files, { pack: packOf([block]) }));
    await save(client, place(folder, 1, true), []);
    await server.rows('select 1');
    const cut = new AbortController();
    const path = client.path(`/nodes/${folder}`);
    const request = fetch(server.url + path, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${client.token}` },
      signal: cut.signal,
    }).catch(() => undefined);
    cut.abort();
    await request;
    valueOf(await client.call('DELETE', path, purgeResponse));
    await later(2 * HOUR_MS);
    const left = async () => (await server.rows('select node from file_version')).length;
    await eventually(left).toBe(0);
  });

  test.runIf(ground.canHaveNodes)('two nodes at once purge each thing once', async () => {
    const { client, server, later } = await start({ versionCount: 1 });
    await server.another();
    const nodes = Array.from({ length: 20 }, () => randomId<NodeId>(16));
    const [one, two] = [randomBlock(), randomBlock()];
    valueOf(
      await client.commit(
        nodes.map((node) => createFile([one], { node })),
        { pack: packOf([one]) },
      ),
    );
    valueOf(
      await client.commit(
        nodes.map((node) => editFile(node, 1, [two], [one])),
        { pack: packOf([two]) },
      ),
    );
    await later(2 * HOUR_MS);
    await eventually(async () => (await server.rows('select node from file_version where version = 1')).length).toBe(0);
    const notes = await server.rows(`select details from audit where action = 'versions-purged'`);
    expect(notes.reduce((sum, row) => sum + Number(row['details']), 0)).toBe(20);
  });
});

function choose(client: TestClient, policy: RetentionPolicy | null) {
  return client.call('PUT', client.path('/retention'), retentionResponse, {
    schema: setRetentionRequest,
    value: { policy },
  });
}

async function save(client: TestClient, change: Change, blocks: readonly TestBlock[]): Promise<void> {
  const answer = valueOf(await client.commit([change], blocks.length === 0 ? {} : { pack: packOf(blocks) }));
  expect(commitResponse.options[0].shape.outcome.safeParse(answer.outcome).success, JSON.stringify(answer)).toBe(true);
}

function place(node: NodeId, base: number, hidden: boolean): Change {
  const nameTag = randomId<NameTag>(32);
  return { op: 'place', node, base, parent: ROOT_NODE, nameTag, hidden, sealed: bytes(256) };
}

async function versionsOf(client: TestClient, node: NodeId): Promise<number[]> {
  const answer = await client.call('GET', client.path(`/nodes/${node}/versions`), versionsResponse);
  return valueOf(answer).versions.map(({ version }) => version);
}

async function held(client: TestClient, blocks: readonly TestBlock[]): Promise<boolean[]> {
  const body = encodeWire(readBlocksRequest, { blocks: blocks.map(({ ctHash }) => ctHash) });
  const response = await client.raw('POST', client.path('/blocks/read'), body);
  const frames = splitFrames(new Uint8Array(await response.arrayBuffer()));
  return blocks.map(({ sealed }, i) => Buffer.compare(frames[i] ?? new Uint8Array(), sealed) === 0);
}
