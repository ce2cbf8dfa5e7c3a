import { expect, test } from 'vitest';
import { timesResponse, type Change, type NodeId } from '@onefold/protocol';
import { followJournal, goOn, readSnapshotOf, signCheckpoint } from '../testing/follow-journal.ts';
import { onBothGrounds } from '../testing/on-both-grounds.ts';
import { bytes, randomId } from '../testing/test-account.ts';
import { createClient, createFile, createFolder, packOf, randomBlock, valueOf } from '../testing/test-client.ts';

const DAY_MS = 24 * 3_600_000;
const eventually = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 30_000 });

onBothGrounds('cutting the journal', (ground) => {
  async function start(entryCacheBytes = 0) {
    const clock = { nowMs: Date.UTC(2026, 0, 5, 12) };
    const config = {
      sweepEveryMs: 50,
      limits: { entryCacheBytes },
      retention: { everyMs: 50, passEveryMs: DAY_MS, settleMs: 0, trashDays: null, journalDays: 90 },
      collection: { everyMs: 50, scrubBytesPerSecond: 0 },
    };
    const server = await ground.start(config, () => clock.nowMs);
    const client = await createClient(server.url);
    const later = async (ms: number): Promise<void> => {
      clock.nowMs += ms;
      valueOf(await client.openSession());
    };
    const touch = (node: NodeId, base: number): Change => ({ op: 'attributes', node, base, sealed: bytes(256) });
    const save = async (changes: Change[]): Promise<void> => {
      expect(valueOf(await client.commit(changes)).outcome).toBe('committed');
    };
    /** Some files, changed a few times over; answers what an honest device says of them. */
    const work = async (files: number, rounds: number): Promise<NodeId[]> => {
      const nodes = Array.from({ length: files }, () => randomId<NodeId>(16));
      const block = randomBlock();
      const pack = packOf([block]);
      valueOf(await client.commit([createFolder(), ...nodes.map((node) => createFile([block], { node }))], { pack }));
      for (let round = 1; round <= rounds; round++) await save(nodes.map((node) => touch(node, round)));
      return nodes;
    };
    const checkpoint = async (): Promise<number> => {
      const journal = await followJournal(client);
      expect(valueOf(await client.send({ entry: signCheckpoint(client, journal) })).outcome).toBe('committed');
      return journal.head().seq;
    };
    const count = async (table: string): Promise<number> => (await server.rows(`select seq from ${table}`)).length;
    return { server, client, later, touch, save, work, checkpoint, count };
  }

  test('changesets below a checkpoint that is old enough go; a reader is sent there and comes to the same state', async () => {
    const { server, client, later, save, touch, work, checkpoint, count } = await start();
    const [node] = await work(20, 5);
    const before = await followJournal(client);
    await work(3, 30);
    const late = await followJournal(client);
    const seq = await checkpoint();
    const first = client.sign([touch(node!, 6)]);
    valueOf(await client.send({ entry: first }));
    await save([createFolder()]);
    const whole = await followJournal(client);
    await later(89 * DAY_MS);
    await expect.poll(async () => (await server.rows('select name from lease')).length).toBeGreaterThan(0);
    expect(await count('entry_stub')).toBe(0);
    await later(2 * DAY_MS);
    await eventually(() => count('entry_stub')).toBe(seq);
    expect(await count('entry')).toBe(4);
    const { entries, reset } = await client.entries(-1);
    expect([entries.map((entry) => entry.seq), reset]).toEqual([[0], { seq: seq + 1, wholeFrom: seq + 1 }]);
    expect((await client.entries(seq)).reset).toBeUndefined();

    const anew = await followJournal(client);
    for (const away of [before, late, anew]) {
      await goOn(client, away);
      expect(away.head()).toEqual(whole.head());
      expect(away.root()).toEqual(whole.root());
      expect(new Map(away.nodes)).toEqual(new Map(whole.nodes));
      expect(away.lastEntryOf(client.device.id)).toEqual(whole.lastEntryOf(client.device.id));
    }
    const kept = await readSnapshotOf(client, seq);
    expect(kept.every(({ content }) => content === null || content.sealed !== undefined)).toBe(true);
    await save([touch(node!, 7)]);
    const audit = await server.rows(`select details from audit where action = 'journal-truncated'`);
    expect(audit).toEqual([{ details: String(seq) }]);
  });

  test('what was committed is answered alike, and numbers and times go on, though the entries are gone', async () => {
    const { client, later, work, touch, checkpoint, count } = await start();
    const [node] = await work(2, 3);
    const old = client.sign([touch(node!, 4)]);
    const first = valueOf(await client.send({ entry: old }));
    const seq = await checkpoint();
    const acceptedAtMs = Date.UTC(2026, 0, 5, 12);
    await later(91 * DAY_MS);
    await eventually(() => count('entry_stub')).toBe(seq);
    expect(valueOf(await client.send({ entry: old }))).toEqual(first);
    const times = async (query: string) =>
      valueOf(await client.call('GET', client.path(`/times?${query}`), timesResponse)).times;
    const device = client.device.id;
    expect(await times(`seqs=1,${seq}`)).toEqual([
      { seq, device, acceptedAtMs },
      { seq: 1, device, acceptedAtMs },
    ]);
    expect(await times(`at=${acceptedAtMs}`)).toEqual([{ seq: seq + 1, device, acceptedAtMs }]);
    // A number that only a gone entry had is used up, and so is its operation.
    client.deviceSeq = 1;
    expect(await client.commit([touch(node!, 5)])).toMatchObject({ ok: false, code: 'device-cloned' });
    client.deviceSeq = 100;
    const { opId } = (await import('@onefold/journal')).parseEntry(old).header;
    expect(await client.send({ entry: client.sign([touch(node!, 5)], { opId }) })).toMatchObject({
      ok: false,
      code: 'invalid-argument',
    });
  });

  test('the newest checkpoint is where a reader goes on, and the oldest from where every entry is kept', async () => {
    const { server, client, later, work, checkpoint, count } = await start();
    await work(5, 2);
    const first = await checkpoint();
    await work(5, 2);
    await later(60 * DAY_MS);
    const second = await checkpoint();
    await work(1, 1);
    await later(31 * DAY_MS);
    await eventually(() => count('entry_stub')).toBe(first);
    expect((await client.entries(0)).reset).toEqual({ seq: second + 1, wholeFrom: first + 1 });
    const whole = await followJournal(client);
    expect(await readSnapshotOf(client, first)).toHaveLength(6);
    await later(60 * DAY_MS);
    await eventually(() => count('checkpoint')).toBe(1);
    expect((await client.entries(0)).reset).toEqual({ seq: second + 1, wholeFrom: second + 1 });
    expect(await client.raw('GET', client.path(`/snapshot?checkpoint=${first}`))).toMatchObject({ status: 409 });
    expect((await followJournal(client)).root()).toEqual(whole.root());
    await eventually(async () => (await server.rows('select node from node_row')).length).toBe(14);
  });

  test('no reader and no author notices while entries go', async () => {
    const { server, client, later, work, touch, checkpoint, count } = await start(16 * 1024 * 1024);
    const [node] = await work(4, 110);
    const seq = await checkpoint();
    const away = await followJournal(client);
    if (ground.canHaveNodes) await server.another();
    await later(91 * DAY_MS);
    for (let base = 111; (await count('checkpoint')) > 0 && (await count('entry_stub')) < seq; base++) {
      expect(valueOf(await client.commit([touch(node!, base)])).outcome).toBe('committed');
      await goOn(client, away);
      const anew = await followJournal(client);
      expect([anew.head(), anew.root()]).toEqual([away.head(), away.root()]);
    }
    expect(await count('entry_stub')).toBe(seq);
  });
});
