import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CtHash, NodeId } from '@onefold/protocol';
import { startPostgres, type Postgres } from '../../../../tools/engines/postgres.ts';
import { openDiskPackStore } from '../packs/disk.ts';
import { startTestServer } from '../testing/started-server.ts';
import { engineFolder } from '../testing/engine-folder.ts';
import { HOUR_MS } from '../testing/job-work.ts';
import { bytes, randomId } from '../testing/test-account.ts';
import { createClient, createFile, packOf, randomBlock, valueOf, type TestBlock } from '../testing/test-client.ts';
import { announce, putPack, unreadable } from '../testing/test-uploads.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openNode } from '../testing/two-nodes.ts';
import { fsck } from './fsck.ts';
import { markDamaged } from './repair.ts';

/** Whoever followed the journal as it grows would never be done. */
const HOURS = 40;
const folder = engineFolder();
let engine: Postgres;
let count = 0;

beforeAll(async () => {
  engine = await startPostgres({ folder: folder.path });
});
afterAll(async () => {
  await engine.kill();
  folder.remove();
});

/** A node that purges, collects and repacks all the time; and its life for an hour, in which a file is made and each of ten has a new version. */
async function startNode() {
  const url = await engine.createDatabase(`fsck${++count}`);
  const data = temporaryFolder();
  const clock = { nowMs: Date.UTC(2026, 0, 5, 12) };
  const nowMs = (): number => clock.nowMs;
  const config = {
    uploadExpiryMs: HOUR_MS,
    retention: { everyMs: 50, passEveryMs: HOUR_MS, settleMs: 0, versionCount: 1 },
    collection: { everyMs: 50, graceMs: HOUR_MS, condemnedMs: 0, scrubBytesPerSecond: 0 },
  };
  // Before the node writes there: it empties what is being written.
  const packs = await openDiskPackStore({ folder: join(data, 'packs'), nowMs });
  const server = await startTestServer({ ...config, data, postgres: { urls: [url] } }, nowMs);
  const client = await createClient(server.url);
  const files = Array.from({ length: 10 }, () => ({ node: randomId<NodeId>(16), version: 1, block: randomBlock() }));
  for (const { node, block } of files)
    valueOf(await client.commit([createFile([block], { node })], { pack: packOf([block]) }));
  const current = (): TestBlock[] => files.map(({ block }) => block);
  const liveOn = async (): Promise<void> => {
    clock.nowMs += HOUR_MS;
    valueOf(await client.openSession());
    const added = files.map(() => randomBlock());
    const changes = files.map((file, i) => {
      const { node, version: base, block } = file;
      Object.assign(file, { version: base + 1, block: added[i] });
      const content = { added: [[added[i]!.ctHash, added[i]!.sealed.length]] as [CtHash, number][] };
      return { op: 'content' as const, node, base, ...content, dropped: [block.ctHash], sealed: bytes(64) };
    });
    expect(valueOf(await client.commit(changes, { pack: packOf(added) })).outcome).toBe('committed');
    await putPack(client, await announce(client, []), [randomBlock()]);
  };
  let isLiving = false;
  let hours = 0;
  const checker = await openNode({
    ...{ url, data, packs, nowMs, config, name: 'checker' },
    async onStep(step) {
      // What the node does may be told as steps of nobody else.
      if (step === 'within' || isLiving || hours === HOURS) return;
      isLiving = true;
      await liveOn();
      hours++;
      isLiving = false;
    },
  });
  return { client, current, checker, hours: () => hours, close: () => checker.close() };
}

test(
  'nodes that commit, purge, collect and repack while everything is looked at do not make it look damaged',
  { timeout: 180_000 },
  async () => {
    const { checker, close, hours } = await startNode();
    const report = await fsck(checker.context.metadata, checker.context.packs);
    expect(report.damage).toEqual([]);
    expect(report.packs).toBeGreaterThan(5);
    expect(hours()).toBe(HOURS);
    await close();
  },
);

test('nor does the repair mark anything of what they do', { timeout: 180_000 }, async () => {
  const { checker, client, current, close, hours } = await startNode();
  const { metadata, packs } = checker.context;
  const repaired = await markDamaged(metadata, packs, checker.context.nowMs());
  expect(repaired).toEqual({ lostBlocks: 0, foundBlocks: 0, missingBlocks: 0 });
  expect(hours()).toBeGreaterThan(10);
  expect(await unreadable(client, current())).toEqual([]);
  expect((await fsck(metadata, packs)).damage).toEqual([]);
  await close();
});
