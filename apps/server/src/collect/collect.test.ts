import { expect, test } from 'vitest';
import { HOUR_MS, eventually, rows, files, upload, read } from '../testing/collecting.ts';
import { startTestServer } from '../testing/started-server.ts';
import { createClient, createFile, packOf, randomBlock, valueOf, type TestBlock } from '../testing/test-client.ts';

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
