import { expect, test } from 'vitest';
import { namespaceIdOf } from '@onefold/journal';
import {
  announceUploadRequest,
  announceUploadResponse,
  appendChainRequest,
  appendChainResponse,
  putPackResponse,
  type CtHash,
  type NodeId,
  type OpId,
} from '@onefold/protocol';
import { onBothGrounds } from '../testing/on-both-grounds.ts';
import { bytes, namedNamespace, randomId } from '../testing/test-account.ts';
import {
  createClient,
  createFile,
  packOf,
  randomBlock,
  TestClient,
  valueOf,
  type TestBlock,
} from '../testing/test-client.ts';
import { announce, putPack } from '../testing/test-uploads.ts';

const PACK_BYTES = 50_000;
const HOUR_MS = 3_600_000;

onBothGrounds('the quota', (ground) => {
  test('packs that arrive at the same moment do not pass it together', async () => {
    const server = await ground.start({ quotaBytesPerUser: 4 * PACK_BYTES });
    const client = await createClient(server.url);
    const { uploadId } = valueOf(
      await client.call('POST', client.path('/uploads'), announceUploadResponse, {
        schema: announceUploadRequest,
        value: { opId: randomId<OpId>(16), nodes: [], paddedBytes: 1, reused: [] },
      }),
    );
    const nodes = ground.canHaveNodes ? [server.url, (await server.another()).url] : [server.url];
    const answers = await Promise.all(
      Array.from({ length: 16 }, async (_, i) => {
        const block = randomBlock(PACK_BYTES - 100);
        const pack = packOf([block]);
        if (i % 2 === 0) {
          const answer = await client.commit([createFile([block])], { pack });
          return answer.ok ? answer.value.outcome : answer.code;
        }
        const at = Object.assign(Object.create(Object.getPrototypeOf(client)) as typeof client, client);
        at.url = nodes[i % nodes.length] ?? server.url;
        const answer = await at.call('PUT', client.path(`/packs/${pack.packId}?upload=${uploadId}`), putPackResponse, {
          pack: pack.bytes,
        });
        return answer.ok ? 'stored' : answer.code;
      }),
    );
    const [usage] = await server.rows('select stored_bytes from namespace');
    const stored = Number(usage?.['stored_bytes']);
    expect(stored).toBeLessThanOrEqual(4 * PACK_BYTES);
    expect(stored).toBeGreaterThan(3 * PACK_BYTES);
    expect(answers.filter((answer) => answer === 'quota-exceeded').length).toBe(12);
  });

  test('nor do those that arrive in two folders of one owner', async () => {
    const server = await ground.start({ quotaBytesPerUser: 4 * PACK_BYTES });
    const client = await createClient(server.url);
    const { genesis, link } = namedNamespace(client.account, client.device);
    const value = { links: [link], genesis };
    valueOf(await client.call('POST', '/v1/chain', appendChainResponse, { schema: appendChainRequest, value }));
    const url = ground.canHaveNodes ? (await server.another()).url : server.url;
    const second = new TestClient(url, client.account, client.device, namespaceIdOf(genesis));
    second.token = client.token;
    // One pack at a time fits; of two that are recorded beside each other at the end one does not.
    const outcomes: string[] = [];
    const fill = async (one: TestClient): Promise<void> => {
      const uploadId = await announce(one, []);
      for (let i = 0; i < 8; i++)
        await putPack(one, uploadId, [randomBlock(PACK_BYTES / 4 - 100)]).then(
          () => outcomes.push('stored'),
          (thrown: unknown) => outcomes.push(String(thrown)),
        );
    };
    await Promise.all([client, second, client, second].map(fill));
    const usage = await server.rows('select stored_bytes from namespace');
    const stored = usage.reduce((sum, row) => sum + Number(row['stored_bytes']), 0);
    expect(stored).toBeLessThanOrEqual(4 * PACK_BYTES);
    expect(stored).toBeGreaterThan(3.7 * PACK_BYTES);
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(16);
    for (const outcome of outcomes) expect(outcome).toMatch(/stored|quota-exceeded/);
  });

  test('old versions count; when they have gone there is room again', async () => {
    const clock = { nowMs: Date.UTC(2026, 0, 5, 12) };
    const config = {
      quotaBytesPerUser: 3 * PACK_BYTES,
      uploadExpiryMs: HOUR_MS,
      retention: { everyMs: 50, passEveryMs: HOUR_MS, settleMs: 0, versionDays: 1 },
      collection: { everyMs: 50, graceMs: HOUR_MS, condemnedMs: HOUR_MS, scrubBytesPerSecond: 0 },
    };
    const server = await ground.start(config, () => clock.nowMs);
    const client = await createClient(server.url);
    const node = randomId<NodeId>(16);
    const blocks = Array.from({ length: 5 }, () => randomBlock(PACK_BYTES - 100));
    const [first, ...edits] = blocks;
    const write = async (base: number, block: TestBlock): Promise<string> => {
      const dropped = blocks.slice(base - 1, base).map(({ ctHash }) => ctHash);
      const content = {
        added: [[block.ctHash, block.sealed.length]] as [CtHash, number][],
        dropped,
        sealed: bytes(64),
      };
      const answer = await client.commit([{ op: 'content', node, base, ...content }], { pack: packOf([block]) });
      return answer.ok ? answer.value.outcome : answer.code;
    };
    valueOf(await client.commit([createFile([first!], { node })], { pack: packOf([first!]) }));
    const outcomes = [await write(1, edits[0]!), await write(2, edits[1]!), await write(3, edits[2]!)];
    // One of the three is current.
    expect(outcomes).toEqual(['committed', 'committed', 'quota-exceeded']);
    const later = async (ms: number): Promise<void> => {
      clock.nowMs += ms;
      valueOf(await client.openSession());
    };
    const packs = async (): Promise<number> => (await server.rows('select pack from pack')).length;
    await later(25 * HOUR_MS);
    await expect.poll(async () => (await server.rows('select version from file_version')).length).toBe(1);
    // Let go of, and not collected yet.
    expect(await write(3, edits[2]!)).toBe('quota-exceeded');
    await later(2 * HOUR_MS);
    await expect.poll(async () => (await server.rows('select pack from block where state = 2')).length).toBe(2);
    await later(2 * HOUR_MS);
    await expect.poll(packs).toBe(1);
    expect(await write(3, edits[2]!)).toBe('committed');
  });
});
