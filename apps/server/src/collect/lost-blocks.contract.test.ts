import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import {
  LIMITS,
  lostBlocksResponse,
  ROOT_NODE,
  type CtHash,
  type LostBlock,
  type LostBlocksResponse,
  type NodeId,
} from '@onefold/protocol';
import { onBothGrounds, type GroundServer } from '../testing/on-both-grounds.ts';
import { bytes, randomId } from '../testing/test-account.ts';
import {
  createClient,
  createFile,
  editFile,
  packOf,
  randomBlock,
  valueOf,
  type TestBlock,
  type TestClient,
} from '../testing/test-client.ts';
import { upload } from '../testing/collecting.ts';

/** As scrubbing marks them. */
async function lose(server: GroundServer, isFile: boolean, blocks: readonly TestBlock[]): Promise<void> {
  const list = (quoted: (hex: string) => string): string => blocks.map(({ ctHash }) => quoted(ctHash)).join(', ');
  if (!isFile) {
    await server.rows(`update block set state = 3 where ct_hash in (${list((hex) => `'\\x${hex}'`)})`);
    return;
  }
  const database = new Database(join(server.data, 'metadata.db'), { timeout: 10_000 });
  database.exec(`update block set state = 3 where ct_hash in (${list((hex) => `x'${hex}'`)})`);
  database.close();
}

async function page(client: TestClient, after?: LostBlock): Promise<LostBlocksResponse> {
  const query = after === undefined ? '' : `?after=${after.ctHash}:${after.node}`;
  return valueOf(await client.call('GET', client.path(`/blocks/lost${query}`), lostBlocksResponse));
}

const byPlace = (a: { ctHash: CtHash; node: NodeId }, b: { ctHash: CtHash; node: NodeId }): number =>
  `${a.ctHash}${a.node}` < `${b.ctHash}${b.node}` ? -1 : 1;

onBothGrounds('what a server has lost', (ground) => {
  const start = async () => {
    const server = await ground.start();
    const damage = (blocks: readonly TestBlock[]): Promise<void> => lose(server, !ground.canHaveNodes, blocks);
    return { server, damage, client: await createClient(server.url) };
  };

  test('is told with the current versions that use it, those of deleted files too, until it is replaced or there again', async () => {
    const { damage, client } = await start();
    const [shared, old, fresh, sound] = [randomBlock(), randomBlock(), randomBlock(), randomBlock()];
    const [a, b] = [randomId<NodeId>(16), randomId<NodeId>(16)];
    const files = [createFile([shared, old], { node: a }), createFile([shared, sound], { node: b })];
    valueOf(await client.commit(files, { pack: packOf([shared, old, sound]) }));
    expect(await page(client)).toEqual({ lost: [], hasMore: false });

    await damage([shared, old]);
    const use = ({ ctHash }: TestBlock, node: NodeId, version: number) => ({ ctHash, node, version });
    const all = [use(shared, a, 1), use(shared, b, 1), use(old, a, 1)].sort(byPlace);
    expect((await page(client)).lost).toEqual(all);

    // What only an old version uses is nobody's to send again.
    valueOf(await client.commit([editFile(a, 1, [fresh], [old])], { pack: packOf([fresh]) }));
    expect((await page(client)).lost).toEqual([use(shared, a, 2), use(shared, b, 1)].sort(byPlace));
    valueOf(
      await client.commit([
        { op: 'place', node: b, base: 1, parent: ROOT_NODE, nameTag: randomId(32), hidden: true, sealed: bytes(256) },
      ]),
    );
    expect((await page(client)).lost).toEqual([use(shared, a, 2), use(shared, b, 1)].sort(byPlace));
    // Taken up again by a later version of the file that had dropped it.
    await upload(client, [old]);
    valueOf(await client.commit([editFile(a, 2, [old], [fresh])]));
    await damage([old]);
    expect((await page(client)).lost).toContainEqual(use(old, a, 3));

    await upload(client, [shared, old]);
    expect(await page(client)).toEqual({ lost: [], hasMore: false });
  });

  test('is told in pages, and to members alone', async () => {
    const { server, damage, client } = await start();
    const blocks = Array.from({ length: LIMITS.lostBlocksPerPage - 1 }, () => randomBlock(40));
    const nodes = [randomId<NodeId>(16), randomId<NodeId>(16), randomId<NodeId>(16)];
    const [many, one, other] = nodes as [NodeId, NodeId, NodeId];
    const files = [
      createFile(blocks, { node: many }),
      createFile(blocks.slice(0, 1), { node: one }),
      createFile(blocks.slice(0, 1), { node: other }),
    ];
    valueOf(await client.commit(files, { pack: packOf(blocks) }));
    await damage(blocks);
    const first = await page(client);
    expect(first).toMatchObject({ hasMore: true, lost: { length: LIMITS.lostBlocksPerPage } });
    const second = await page(client, first.lost.at(-1));
    expect(second).toMatchObject({ hasMore: false, lost: { length: 1 } });
    const told = [...first.lost, ...second.lost];
    expect(told).toEqual([...told].sort(byPlace));
    expect(told.filter(({ node }) => node === many).length).toBe(blocks.length);
    expect(told.filter(({ node }) => node !== many).map(({ node }) => node)).toEqual([one, other].sort());

    for (const after of ['', 'x', 'ab'.repeat(32), `${'ab'.repeat(32)}:${'cd'.repeat(15)}`, 'a:b:c'])
      expect(
        await client.call('GET', client.path(`/blocks/lost?after=${after}`), lostBlocksResponse),
        after,
      ).toMatchObject({ status: 400, code: 'invalid-argument' });
    const stranger = await createClient(server.url);
    expect(await stranger.call('GET', client.path('/blocks/lost'), lostBlocksResponse)).toMatchObject({
      status: 404,
      code: 'not-found',
    });
  });
});
