import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../server.ts';
import { verify, type Acknowledged } from '../testing/acknowledged.ts';
import { startTestServer } from '../testing/started-server.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createClient, createFile, packOf, randomBlock, TestClient, valueOf } from '../testing/test-client.ts';
import { announce, putPack } from '../testing/test-uploads.ts';
import { backUp } from './backup.ts';
import { restore } from './restore.ts';

const WRITERS = 4;
const BACKUPS = 3;

/** Commits as fast as it can, packs inside and beside, until told. */
async function write(client: TestClient, done: Acknowledged, isOver: () => boolean): Promise<void> {
  for (let i = 0; !isOver(); i++) {
    const blocks = [randomBlock(), randomBlock(3_000)];
    const isInline = i % 2 === 0;
    const uploadId = isInline ? undefined : await announce(client, blocks);
    if (uploadId !== undefined) await putPack(client, uploadId, blocks);
    const way = uploadId === undefined ? { pack: packOf(blocks) } : { uploadId };
    const answer = valueOf(await client.commit([createFile(blocks)], way));
    if (answer.outcome !== 'committed') throw new Error(answer.outcome);
    done.commits.push({ seq: answer.seq, hash: answer.hash });
    done.blocks.push(...blocks);
  }
}

test(
  'what was acknowledged before a backup began is in it, at full load, while packs are merged and go',
  { timeout: 120_000 },
  async () => {
    const collection = { everyMs: 50, graceMs: 2_000, condemnedMs: 1_000 };
    const { url, data } = await startTestServer({ uploadExpiryMs: 2_000, sweepEveryMs: 50, collection });
    const writers = await Promise.all(
      Array.from({ length: WRITERS }, async () => {
        const done: Acknowledged = { commits: [], blocks: [] };
        return { client: await createClient(url), done };
      }),
    );
    let isOver = false;
    const writing = writers.map(({ client, done }) => write(client, done, () => isOver));
    const count = (): number => writers.reduce((sum, { done }) => sum + done.commits.length, 0);
    for (let i = 0; i < BACKUPS; i++) {
      const enough = count() + 60;
      await expect.poll(count, { timeout: 60_000 }).toBeGreaterThan(enough);
      const before = writers.map(({ client, done }) => ({
        client,
        done: { commits: [...done.commits], blocks: [...done.blocks] },
      }));
      const [backup, restored] = [join(temporaryFolder(), 'backup'), join(temporaryFolder(), 'restored')];
      expect(await backUp(data, backup, Date.now())).toMatchObject({ missing: [] });
      expect(await restore(backup, restored, Date.now())).toMatchObject({ missing: [] });
      const again = await startServer({ data: restored, listen: '127.0.0.1:0', logLevel: 'silent' });
      onTestFinished(() => again.close());
      for (const { client, done } of before) {
        const reader = new TestClient(again.url, client.account);
        valueOf(await reader.openSession());
        await verify(reader, done);
      }
    }
    isOver = true;
    await Promise.all(writing);
    expect(count()).toBeGreaterThan(0);
  },
);
