import { Client } from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { namespaceIdOf } from '@onefold/journal';
import { appendChainRequest, appendChainResponse, type UploadId } from '@onefold/protocol';
import type { ServerConfigInput } from '../config.ts';
import { announce, grant, put, tell, type Pack } from '../testing/direct-transfers.ts';
import { useManyNodes } from '../testing/on-both-grounds.ts';
import { namedNamespace } from '../testing/test-account.ts';
import { createClient, packOf, randomBlock, TestClient, valueOf } from '../testing/test-client.ts';

const MINUTE_MS = 60_000;

/* What may be sent past the server is room that is taken, whatever becomes of it: an address serves until its time is up. */

describe('the quota and what goes past the server, on PostgreSQL and S3', () => {
  const ground = useManyNodes();

  async function start(config: Partial<ServerConfigInput> = {}) {
    const clock = { aheadMs: 0 };
    const server = await ground.start(
      { quotaBytesPerUser: 100_000, sweepEveryMs: 3_600_000, ...config },
      () => Date.now() + clock.aheadMs,
      { isDirect: true },
    );
    const client = await createClient(server.url);
    return { server, client, clock, uploadId: await announce(client) };
  }

  test('what may be sent counts until its time is up', async () => {
    const { client, uploadId, clock } = await start();
    const [first, second] = [packOf([randomBlock(60_000)]), packOf([randomBlock(60_000)])];
    valueOf(await grant(client, uploadId, first));
    // Another address for the same bytes leads to the same object.
    const { url, headers } = valueOf(await grant(client, uploadId, first));
    expect(await grant(client, uploadId, second)).toMatchObject({ code: 'quota-exceeded' });
    clock.aheadMs = 11 * MINUTE_MS;
    valueOf(await grant(client, uploadId, second));
    clock.aheadMs = 0;
    expect((await put(url, headers, first.bytes)).status).toBe(200);
  });

  test('in all folders of an owner together', async () => {
    const { client, uploadId } = await start();
    const { genesis, link } = namedNamespace(client.account, client.device);
    const value = { links: [link], genesis };
    valueOf(await client.call('POST', '/v1/chain', appendChainResponse, { schema: appendChainRequest, value }));
    const second = new TestClient(client.url, client.account, client.device, namespaceIdOf(genesis));
    second.token = client.token;
    const [one, other] = [packOf([randomBlock(60_000)]), packOf([randomBlock(60_000)])];
    const otherUpload = await announce(second);
    valueOf(await grant(client, uploadId, one));
    expect(await grant(second, otherUpload, other)).toMatchObject({ code: 'quota-exceeded' });
    const both = await Promise.all([
      grant(client, uploadId, packOf([randomBlock(30_000)])),
      grant(second, otherUpload, packOf([randomBlock(30_000)])),
    ]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
  });

  test.each<[string, (client: TestClient, uploadId: UploadId) => Promise<void>]>([
    [
      'replaced by another pack under its id',
      async (client, uploadId) => {
        const first = packOf([randomBlock(60_000)]);
        valueOf(await grant(client, uploadId, first));
        valueOf(await grant(client, uploadId, { ...packOf([randomBlock(30_000)]), packId: first.packId }));
      },
    ],
    [
      'told of before it was there',
      async (client, uploadId) => {
        const pack = packOf([randomBlock(60_000)]);
        valueOf(await grant(client, uploadId, pack));
        expect(await tell(client, uploadId, pack)).toMatchObject({ code: 'not-found' });
      },
    ],
    [
      'refused for what is in it',
      async (client, uploadId) => {
        const pack = damaged(packOf([randomBlock(60_000)]));
        const { url, headers } = valueOf(await grant(client, uploadId, pack));
        expect((await put(url, headers, pack.bytes)).status).toBe(200);
        expect(await tell(client, uploadId, pack)).toMatchObject({ code: 'pack-corrupt' });
      },
    ],
  ])('a pack that was %s counts for as long as its address serves', async (_, doom) => {
    const { client, uploadId, clock } = await start();
    await doom(client, uploadId);
    expect(await grant(client, uploadId, packOf([randomBlock(60_000)]))).toMatchObject({ code: 'quota-exceeded' });
    clock.aheadMs = 11 * MINUTE_MS;
    valueOf(await grant(client, uploadId, packOf([randomBlock(60_000)])));
  });

  test('one that is recorded counts once', async () => {
    const { client, uploadId } = await start();
    const pack = packOf([randomBlock(60_000)]);
    const { url, headers } = valueOf(await grant(client, uploadId, pack));
    expect((await put(url, headers, pack.bytes)).status).toBe(200);
    expect(valueOf(await tell(client, uploadId, pack))).toMatchObject({ stored: 1 });
    valueOf(await grant(client, uploadId, packOf([randomBlock(30_000)])));
  });

  test('what is sent after its pack was told of, or refused, leaves nothing in the store', async () => {
    const { client, uploadId, clock, server } = await start({ sweepEveryMs: 100, collection: { everyMs: 100 } });
    const early = packOf([randomBlock(10_000)]);
    const refused = damaged(packOf([randomBlock(10_000)]));
    const kept = packOf([randomBlock(10_000)]);
    for (const pack of [early, refused, kept]) {
      const { url, headers } = valueOf(await grant(client, uploadId, pack));
      if (pack !== early) expect((await put(url, headers, pack.bytes)).status).toBe(200);
      expect((await tell(client, uploadId, pack)).ok).toBe(pack === kept);
      expect((await put(url, headers, pack.bytes)).status).toBe(200);
    }
    expect(await server.objects()).toHaveLength(3);
    clock.aheadMs = 2 * 60 * MINUTE_MS;
    await expect.poll(() => server.objects(), { timeout: 30_000 }).toHaveLength(1);
    expect(await server.rows('select object_key from pack')).toEqual([{ object_key: (await server.objects())[0] }]);
  });

  test('one whose recording is held up until its time is up is not recorded, and its object goes', async () => {
    const { client, uploadId, clock, server } = await start({ sweepEveryMs: 100, collection: { everyMs: 100 } });
    const pack = packOf([randomBlock(10_000)]);
    const { url, headers } = valueOf(await grant(client, uploadId, pack));
    expect((await put(url, headers, pack.bytes)).status).toBe(200);
    const holder = new Client({ connectionString: server.databaseUrl });
    await holder.connect();
    onTestFinished(() => holder.end());
    await holder.query('begin');
    await holder.query('select * from namespace for update');
    const telling = tell(client, uploadId, pack);
    const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%"namespace"%'`;
    await expect.poll(() => server.rows(waiting)).not.toEqual([]);
    clock.aheadMs = 11 * MINUTE_MS;
    await expect.poll(() => server.rows('select * from direct_pack')).toEqual([]);
    await holder.query('rollback');
    expect(await telling).toMatchObject({ ok: false, code: 'server-error' });
    expect(await server.rows('select * from pack')).toEqual([]);
    clock.aheadMs = 2 * 60 * MINUTE_MS;
    await expect.poll(() => server.objects(), { timeout: 30_000 }).toEqual([]);
  });
});

/** A pack one of whose blocks is not what its hash says. */
function damaged(pack: Pack): Pack {
  const bytes = new Uint8Array(pack.bytes);
  bytes[7] = (bytes[7] ?? 0) ^ 1;
  return { ...pack, bytes };
}
