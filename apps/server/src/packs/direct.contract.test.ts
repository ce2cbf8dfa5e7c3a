import { expect, test } from 'vitest';
import type { ServerConfigInput } from '../config.ts';
import { announce, grant, locate, put, sha256, tell, type Pack } from '../testing/direct-transfers.ts';
import { onBothGrounds } from '../testing/on-both-grounds.ts';
import { createClient, createFile, packOf, randomBlock, valueOf } from '../testing/test-client.ts';

onBothGrounds('transfers past the server', (ground) => {
  async function start(isDirect = true, nowMs?: () => number, config: Partial<ServerConfigInput> = {}) {
    const server = await ground.start({ uploadExpiryMs: 3_600_000, ...config }, nowMs, { isDirect });
    const client = await createClient(server.url);
    return { server, client, uploadId: await announce(client) };
  }

  test.runIf(!ground.canHaveNodes)('where packs are files they go through the server', async () => {
    const { client, uploadId } = await start(false);
    expect(await grant(client, uploadId, packOf([randomBlock()]))).toMatchObject({ code: 'not-found' });
    expect(await locate(client, [randomBlock()])).toMatchObject({ code: 'not-found' });
  });

  test.runIf(ground.canHaveNodes)('not offered until the operator says that devices can reach the store', async () => {
    const { client, uploadId } = await start(false);
    expect(await grant(client, uploadId, packOf([randomBlock()]))).toMatchObject({ code: 'not-found' });
  });

  test.runIf(ground.canHaveNodes)(
    'a pack sent straight to the store counts once the server has read it back, and is read from there',
    async () => {
      const { client, uploadId, server } = await start();
      const blocks = [randomBlock(70_000), randomBlock(3_000_000), randomBlock(500)];
      const pack = packOf(blocks);
      const { url, headers } = valueOf(await grant(client, uploadId, pack));
      expect(new URL(url).host).not.toBe(new URL(server.url).host);
      // Nobody is believed: told before it is there, it does not count, and the grant is used up.
      expect(await tell(client, uploadId, pack)).toMatchObject({ code: 'not-found' });
      expect((await put(url, headers, pack.bytes)).status).toBe(200);
      expect(await tell(client, uploadId, pack)).toMatchObject({ code: 'not-found' });
      const again = valueOf(await grant(client, uploadId, pack));
      expect((await put(again.url, again.headers, pack.bytes)).status).toBe(200);
      expect(valueOf(await tell(client, uploadId, pack))).toEqual({ stored: 3, state: 'pending' });
      expect(valueOf(await tell(client, uploadId, pack))).toMatchObject({ stored: 3 });
      expect(valueOf(await client.commit([createFile(blocks)], { uploadId }))).toMatchObject({ outcome: 'committed' });

      const asked = [blocks[2], randomBlock(), blocks[0], blocks[1]].filter((block) => block !== undefined);
      const { urls, places } = valueOf(await locate(client, asked));
      expect(urls).toHaveLength(1);
      expect(places[1]).toBe(null);
      for (const [i, place] of places.entries()) {
        if (place === null) continue;
        const range = `bytes=${place.offset}-${place.offset + place.length - 1}`;
        const response = await fetch(urls[place.url] ?? '', { headers: { range } });
        expect(response.status).toBe(206);
        const bytes = new Uint8Array(await response.arrayBuffer());
        expect(Buffer.compare(bytes, asked[i]?.sealed ?? new Uint8Array())).toBe(0);
      }
    },
  );

  test.runIf(ground.canHaveNodes).each([
    [4, 200],
    [6, 403],
  ])('an address serves for five minutes: after %i the store answers %i', async (minutes, status) => {
    const { client, uploadId } = await start(true, () => Date.now() - minutes * 60_000);
    const pack = packOf([randomBlock(40_000)]);
    const { url, headers } = valueOf(await grant(client, uploadId, pack));
    expect((await put(url, headers, pack.bytes)).status).toBe(status);
  });

  test.runIf(ground.canHaveNodes)('the address takes the bytes it was made for, and no others', async () => {
    const { client, uploadId } = await start();
    const pack = packOf([randomBlock(40_000)]);
    const { url, headers } = valueOf(await grant(client, uploadId, pack));
    const other = new Uint8Array(pack.bytes);
    other[100] = (other[100] ?? 0) ^ 1;
    expect((await put(url, headers, other)).status).toBe(400);
    const lying = headers.map(([name, value]): [string, string] =>
      name === 'x-amz-content-sha256' ? [name, sha256(other)] : [name, value],
    );
    expect((await put(url, lying, other)).status).toBe(403);
    expect(
      (
        await put(
          url,
          headers.filter(([name]) => name !== 'x-amz-content-sha256'),
          other,
        )
      ).status,
    ).toBeGreaterThan(399);
    expect((await put(url.replace(/\.pack\?/, '2.pack?'), headers, pack.bytes)).status).toBe(403);
    expect((await fetch(url)).status).toBe(403);
    expect(await tell(client, uploadId, pack)).toMatchObject({ code: 'not-found' });
    expect((await put(url, headers, pack.bytes)).status).toBe(200);
  });

  test.runIf(ground.canHaveNodes)(
    'a pack whose blocks are not what they say is refused, though the store took it',
    async () => {
      const { client, uploadId, server } = await start();
      const block = randomBlock(40_000);
      const pack = packOf([block]);
      const bytes = new Uint8Array(pack.bytes);
      bytes[7] = (bytes[7] ?? 0) ^ 1;
      const bad = { ...pack, bytes };
      const { url, headers } = valueOf(await grant(client, uploadId, bad));
      expect((await put(url, headers, bytes)).status).toBe(200);
      expect(await tell(client, uploadId, bad)).toMatchObject({ code: 'pack-corrupt' });
      expect(await server.rows('select ct_hash from block')).toEqual([]);
      const [place] = valueOf(await locate(client, [block])).places;
      expect(place).toBe(null);
    },
  );

  // What a notification of the store would be for: nothing waits for one, and nothing is left.
  test.runIf(ground.canHaveNodes)(
    'a device that dies before it has told of a pack sends it again, and what nobody told of is swept',
    async () => {
      const clock = { aheadMs: 0 };
      const config = { collection: { everyMs: 100, graceMs: 3_600_000 } };
      const { client, uploadId, server } = await start(true, () => Date.now() + clock.aheadMs, config);
      const block = randomBlock(40_000);
      const pack = packOf([block]);
      const untold = valueOf(await grant(client, uploadId, pack));
      expect((await put(untold.url, untold.headers, pack.bytes)).status).toBe(200);

      const next = await announce(client);
      const again = valueOf(await grant(client, next, pack));
      expect(again.url).not.toBe(untold.url);
      expect((await put(again.url, again.headers, pack.bytes)).status).toBe(200);
      expect(valueOf(await tell(client, next, pack))).toMatchObject({ stored: 1 });
      expect(valueOf(await client.commit([createFile([block])], { uploadId: next }))).toMatchObject({
        outcome: 'committed',
      });

      expect(await server.objects()).toHaveLength(2);
      clock.aheadMs = 24 * 3_600_000;
      await expect.poll(async () => (await server.objects()).length, { timeout: 30_000 }).toBe(1);
      clock.aheadMs = 0;
      valueOf(await client.openSession());
      const { urls } = valueOf(await locate(client, [block]));
      expect((await fetch(urls[0] ?? '')).status).toBe(200);
    },
  );

  test.runIf(ground.canHaveNodes)(
    'addresses that nobody tells of leave nothing in the store, long before the grace is over',
    async () => {
      const clock = { aheadMs: 0 };
      const nowMs = (): number => Date.now() + clock.aheadMs;
      const { client, uploadId, server } = await start(true, nowMs, {
        sweepEveryMs: 100,
        collection: { everyMs: 100 },
      });
      const send = async (pack: Pack): Promise<void> => {
        const { url, headers } = valueOf(await grant(client, uploadId, pack));
        expect((await put(url, headers, pack.bytes)).status).toBe(200);
      };
      const [told, untold, replaced] = [packOf([randomBlock()]), packOf([randomBlock()]), packOf([randomBlock()])];
      await send(untold);
      for (let i = 0; i < 3; i++) await send({ ...packOf([randomBlock()]), packId: replaced.packId });
      await send({ ...packOf([randomBlock()]), packId: told.packId });
      await send(told);
      valueOf(await tell(client, uploadId, told));
      expect(await server.objects()).toHaveLength(6);
      clock.aheadMs = 2 * 3_600_000;
      await expect.poll(async () => (await server.objects()).length, { timeout: 30_000 }).toBe(1);
      expect((await server.rows('select object_key from pack')).map((row) => row['object_key'])).toEqual(
        await server.objects(),
      );
    },
  );

  test.runIf(ground.canHaveNodes)('a pack of which everything is stored leaves what is stored alone', async () => {
    const { client, uploadId, server } = await start();
    const block = randomBlock(40_000);
    const first = packOf([block]);
    const one = valueOf(await grant(client, uploadId, first));
    await put(one.url, one.headers, first.bytes);
    valueOf(await tell(client, uploadId, first));
    expect(await grant(client, uploadId, first)).toMatchObject({ code: 'invalid-argument' });
    const second = packOf([block]);
    const two = valueOf(await grant(client, uploadId, second));
    await put(two.url, two.headers, second.bytes);
    expect(valueOf(await tell(client, uploadId, second))).toMatchObject({ stored: 1 });
    expect(await server.rows('select pack from pack')).toHaveLength(1);
    const { urls, places } = valueOf(await locate(client, [block]));
    expect(places[0]).not.toBe(null);
    expect((await fetch(urls[0] ?? '')).status).toBe(200);
  });
});
