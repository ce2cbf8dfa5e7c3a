/* Devices that were away while the server cut its journal, and new ones: they go on from a checkpoint, as if they had read every entry. */
import { describe, expect, test } from 'vitest';
import {
  changeSum,
  digestsOf,
  entryHash,
  leafOf,
  nextHash,
  NO_NODES,
  parseEntry,
  rootOf,
  sha256,
  signEntry,
} from '@onefold/journal';
import {
  checkpointBodySchema,
  encodeWire,
  epochBodySchema,
  type CheckpointBody,
  type Hash,
  type NodeId,
  type NodeSnapshot,
  type OpId,
  type PlacedEntry,
  type SignedEntry,
} from '@onefold/protocol';
import type { Remote } from '../ports.ts';
import { onDevice, story } from './incident-story.ts';
import { memoryAccount, memoryEpoch, type AccountDevice } from './memory-account.ts';
import type { Scenario } from './scenario.ts';
import { createSimEngine } from './sim-engine.ts';
import { replay, runSeed } from './simulation.ts';
import { describeStep } from './steps.ts';

const CUT = { do: 'server', becomes: 'truncated' } as const;

function met(wrapPorts?: Parameters<typeof story>[1]): Promise<Scenario> {
  return story(async ({ act, write }) => {
    await act(0, { act: 'mkdir', path: 'f' }, { act: 'mkdir', path: 'g' });
    for (const [i, path] of ['f/a', 'f/b', 'f/c', 'g/d', 'e'].entries()) await write(0, path, i + 1);
  }, wrapPorts);
}

/** What device 1 takes the journal to say. */
function remotes(s: Scenario): unknown {
  return s.world.devices[1]!.store.allRows().map(({ node, remote }) => ({ node, remote }));
}

/** New keys, by a device that keeps no folder. */
function openEpoch({ world }: Scenario): void {
  const { keeper, user } = memoryAccount(world.devices.length);
  const { seq, hash, namespaceId } = world.server.head();
  const body = encodeWire(epochBodySchema, memoryEpoch(0, [{ user, generation: 1 }]));
  const header = {
    format: 1,
    type: 'epoch',
    namespaceId,
    epoch: 0,
    device: keeper.device,
    deviceSeq: 1,
    baseSeq: seq,
    baseHash: hash,
    opId: 'ab'.repeat(16) as OpId,
    changesHash: sha256(body),
  } as const;
  const { outcome } = world.server.callsOf(keeper.device).commit({ entry: signEntry(keeper.sign, header, body) });
  expect(outcome).toBe('committed');
}

function resets(s: Scenario): number {
  return s.world.coverage.times('log', 'info reset');
}

describe('a device that was away while the journal was cut', () => {
  test('learns edits, moves and deletes; what is equal is neither sent nor fetched again', async () => {
    const s = await met();
    await s.step({ do: 'cut', device: 1 });
    await s.write(0, 'f/a', 10);
    await s.act(
      0,
      { act: 'rename', path: 'f/b', to: 'g/moved' },
      { act: 'remove', path: 'f/c' },
      { act: 'rename', path: 'g', to: 'h' },
    );
    await s.write(0, 'h/new', 11);
    await s.run(60_000);
    await s.step(CUT);
    await s.write(0, 'e', 12);
    await s.run(60_000);
    const before = s.world.server.journal.entries.length;
    const reads = s.world.coverage.times('call', 'readBlocks');
    await s.step({ do: 'heal', device: 1 });
    await s.run(60_000);
    expect(resets(s)).toBe(1);
    expect(s.shows(1)).toEqual({ f: '/', 'f/a': 10, h: '/', 'h/d': 4, 'h/moved': 2, 'h/new': 11, e: 12 });
    expect(s.world.server.journal.entries.length).toBe(before);
    expect(s.world.coverage.times('call', 'readBlocks') - reads).toBeLessThanOrEqual(3);
    await s.settle();
    expect(s.shows(0)).toEqual(s.shows(1));
  });

  test('keeps its edits and its deletes on their bases, and makes a copy where both edited', async () => {
    const s = await met();
    await s.step({ do: 'cut', device: 1 });
    await s.write(0, 'f/a', 10);
    await s.act(0, { act: 'remove', path: 'f/b' });
    await s.run(60_000);
    await s.step(CUT);
    await s.write(1, 'f/a', 20);
    await s.write(1, 'f/b', 21);
    await s.write(1, 'e', 22);
    await s.act(1, { act: 'remove', path: 'g/d' });
    await s.run(60_000);
    await s.step({ do: 'heal', device: 1 });
    await s.settle();
    expect(resets(s)).toBe(1);
    const shown = s.shows(0);
    expect(shown).toEqual(s.shows(1));
    expect(shown).toMatchObject({ 'f/a': 10, 'f/b': 21, e: 22, 'f/c': 3 });
    expect(Object.keys(shown).filter((path) => path.startsWith('f/a (conflict'))).toHaveLength(1);
    expect(shown).not.toHaveProperty('g/d');
  });

  test('that had an entry on its way, edited again meanwhile, is not in conflict with itself', async () => {
    const s = await met();
    await s.step({ do: 'net-fault', device: 1, fault: { kind: 'late', call: 'commit', delayMs: 60_000 } });
    await s.write(1, 'f/a', 20);
    await s.write(1, 'own', 22);
    for (let i = 0; i < 100 && s.world.devices[1]!.conditions.faults.length > 0; i++) await s.run(50);
    await s.step({ do: 'cut', device: 1 });
    await s.write(0, 'e', 12);
    await s.run(90_000);
    expect(s.shows(0)).toMatchObject({ 'f/a': 20, own: 22, e: 12 });
    await s.write(1, 'f/a', 21);
    await s.write(1, 'own', 23);
    await s.step(CUT);
    await s.step({ do: 'heal', device: 1 });
    await s.settle();
    expect(resets(s)).toBeGreaterThan(0);
    expect(s.shows(0)).toMatchObject({ 'f/a': 21, own: 23, e: 12 });
    expect(Object.keys(s.shows(0))).toHaveLength(8);
  });

  test('learns that a folder is gone with all that is in it, in one step', async () => {
    const s = await met();
    await s.act(0, { act: 'remove', path: 'g/d' }, { act: 'remove', path: 'g' });
    await s.settle();
    await s.step({ do: 'cut', device: 1 });
    for (const path of ['f/a', 'f/b', 'f/c', 'f']) await s.act(0, { act: 'remove', path });
    await s.run(60_000);
    await s.step(CUT);
    await s.step({ do: 'heal', device: 1 });
    await s.run(60_000);
    expect(resets(s)).toBe(1);
    expect(s.shows(1)).toEqual({ e: 5 });
    await s.settle();
  });

  test('meets a server that was put back to before, and sends again what that lost', async () => {
    const s = await met();
    await s.write(0, 'f/a', 10);
    await s.settle();
    await s.step(CUT);
    await s.step({ do: 'server', becomes: 'backed-up' });
    await s.write(0, 'f/b', 11);
    await s.write(1, 'late', 12);
    await s.settle();
    await s.step({ do: 'server', becomes: 'restored' });
    await s.run(60_000);
    await s.settle();
    expect(resets(s)).toBe(2);
    for (const { index } of s.world.devices)
      expect(s.shows(index)).toEqual({ f: '/', 'f/a': 10, 'f/b': 11, 'f/c': 3, g: '/', 'g/d': 4, e: 5, late: 12 });
  });

  test('has not what is not to be there, however it was moved; and has what came out of there', async () => {
    const s = await met();
    await s.step({ do: 'select', device: 1, path: 'f', becomes: 'unticked' });
    await s.run(20_000);
    await s.step({ do: 'cut', device: 1 });
    await s.act(0, { act: 'rename', path: 'e', to: 'f/e' }, { act: 'rename', path: 'f/a', to: 'g/a' });
    await s.act(0, { act: 'rename', path: 'f', to: 'g/f' });
    await s.write(0, 'g/f/b', 12);
    await s.run(60_000);
    await s.step(CUT);
    await s.step({ do: 'heal', device: 1 });
    await s.run(60_000);
    expect(resets(s)).toBe(1);
    expect(s.shows(1)).toEqual({ g: '/', 'g/a': 1, 'g/d': 4 });
    await s.settle();
  });

  test.each([5, 20, 40, 60, 80, 100, 130])(
    'and that dies on the way, after %i steps of it, begins again',
    async (points) => {
      const s = await met();
      await s.step({ do: 'cut', device: 1 });
      await s.write(0, 'f/a', 10);
      await s.act(
        0,
        { act: 'rename', path: 'f/b', to: 'b' },
        { act: 'remove', path: 'g/d' },
        { act: 'rename', path: 'g', to: 'h' },
      );
      await s.run(60_000);
      await s.step(CUT);
      await s.write(1, 'f/c', 30);
      await s.run(5_000);
      await s.step({ do: 'heal', device: 1 });
      await s.step({ do: 'run', points });
      await s.step({ do: 'crash', device: 1, power: true });
      await s.settle();
      expect(resets(s)).toBeGreaterThan(0);
      expect(s.shows(1)).toEqual({ f: '/', 'f/a': 10, 'f/c': 30, b: 2, h: '/', e: 5 });
      expect(s.shows(0)).toEqual(s.shows(1));
    },
  );

  test('is not kept from a delete by what is purged of the deleted', async () => {
    const s = await met();
    await s.step({ do: 'cut', device: 1 });
    await s.write(0, 'f/a', 10);
    await s.run(20_000);
    await s.write(0, 'f/b', 11);
    await s.step(CUT);
    await s.act(0, { act: 'remove', path: 'f/a' });
    await s.write(0, 'f/b', 12);
    await s.run(20_000);
    for (let i = 0; i < 2; i++) await s.step({ do: 'server', becomes: 'collected' });
    await s.step({ do: 'heal', device: 1 });
    await s.run(60_000);
    expect(resets(s)).toBe(1);
    expect(s.shows(1)).toEqual({ f: '/', 'f/b': 12, 'f/c': 3, g: '/', 'g/d': 4, e: 5 });
    await s.settle();
  });
});

describe('a server that leads elsewhere', () => {
  interface Lie {
    readonly rows?: (rows: NodeSnapshot[]) => NodeSnapshot[];
    readonly skipped?: (answer: Awaited<ReturnType<Remote['skipped']>>) => Awaited<ReturnType<Remote['skipped']>>;
  }
  const LIES: readonly (readonly [string, Lie])[] = [
    ['lacks a node that is known', { rows: (rows) => rows.slice(1) }],
    ['has a node more', { rows: (rows) => [...rows, { ...rows[0]!, node: 'ff'.repeat(16) as never }] }],
    [
      'has one under another name',
      { rows: ([first, second, ...rows]) => [{ ...first!, nameTag: second!.nameTag }, second!, ...rows] },
    ],
    ['has one deleted', { rows: ([first, ...rows]) => [{ ...first!, hidden: true }, ...rows] }],
    [
      'has an older version',
      {
        rows: (rows) =>
          rows.map((row) => (row.place.version > 1 ? { ...row, place: { ...row.place, version: 1 } } : row)),
      },
    ],
    [
      'has other bytes in a sealed part',
      {
        rows: ([first, ...rows]) => [
          { ...first!, place: { ...first!.place, sealed: first!.place.sealed.slice(1) } },
          ...rows,
        ],
      },
    ],
    [
      'says of a sealed part what it is not',
      {
        rows: (rows) =>
          rows.map((row) =>
            row.content === null
              ? row
              : {
                  ...row,
                  content: { ...row.content, sealed: new Uint8Array(9), sealedHash: 'ab'.repeat(32) as never },
                },
          ),
      },
    ],
    [
      'does not come from where this device was',
      { skipped: ({ hashes, kept }) => ({ hashes: hashes.map((byte, i) => (i === 0 ? byte ^ 1 : byte)), kept }) },
    ],
    ['leaves an entry about people out', { skipped: ({ hashes }) => ({ hashes, kept: [] }) }],
  ];

  test.each(LIES)('because it %s is found out, and nothing here changes for it', async (_, lie) => {
    let isLying = false;
    const s = await met(
      onDevice(1, (ports) => {
        const { remote } = ports;
        const lying: Remote = {
          ...remote,
          snapshot: async (seq, after) => {
            const page = await remote.snapshot(seq, after);
            return isLying && lie.rows !== undefined ? { ...page, rows: lie.rows(page.rows) } : page;
          },
          skipped: async (after, to) => {
            const answer = await remote.skipped(after, to);
            return isLying && lie.skipped !== undefined ? lie.skipped(answer) : answer;
          },
          inBulk: () => lying,
        };
        return { ...ports, remote: lying };
      }),
    );
    await goneAndCut(s);
    isLying = true;
    await foundOut(s);
  });
});

test('an entry that is no checkpoint is no place to go on from, whatever tree the server gives for it', async () => {
  let isLying = false;
  const s = await met(
    onDevice(1, (ports) => {
      const { remote } = ports;
      const lying: Remote = {
        ...remote,
        entries: async (after, minSeq) => {
          const answer = await remote.entries(after, minSeq);
          if (!isLying) return answer;
          const { entries } = s.world.server.journal;
          const seq = entries.findIndex((entry, at) => at > 0 && parseEntry(entry).type === 'epoch');
          if (answer.reset !== undefined && after < seq - 1) return { ...answer, reset: { seq, wholeFrom: seq } };
          const some = entries.slice(after + 1).map((entry, i) => ({ ...entry, seq: after + 1 + i }));
          return { head: answer.head, entries: some };
        },
        snapshot: () => Promise.resolve({ rows: [...s.world.server.journal.rows.values()].sort(byNode), isLast: true }),
        inBulk: () => lying,
      };
      return { ...ports, remote: lying };
    }),
  );
  await goneAndCut(s);
  isLying = true;
  await foundOut(s);
});

function byNode(a: NodeSnapshot, b: NodeSnapshot): number {
  return a.node < b.node ? -1 : 1;
}

/** Device 1 is away; things change, keys too, and the journal is cut. */
async function goneAndCut(s: Scenario): Promise<void> {
  await s.step({ do: 'cut', device: 1 });
  await s.act(0, { act: 'rename', path: 'f/b', to: 'b' }, { act: 'rename', path: 'f/c', to: 'c' });
  await s.write(0, 'f/a', 10);
  await s.run(60_000);
  openEpoch(s);
  await s.run(60_000);
  await s.write(0, 'e', 11);
  await s.run(60_000);
  await s.step(CUT);
}

/** It comes back, sees the lie, and leaves everything as it is. */
async function foundOut(s: Scenario): Promise<void> {
  const before = s.shows(1);
  const rows = remotes(s);
  await s.step({ do: 'heal', device: 1 });
  await s.run(120_000);
  expect(s.shows(1)).toEqual(before);
  expect(remotes(s)).toEqual(rows);
  expect(s.world.devices[1]!.store.allAttention().map(({ code }) => code)).toContain('journal-invalid');
}

describe('a server and a device of the account that lie together', () => {
  const other = 'ff'.repeat(32) as Hash;
  const FORGED: readonly (readonly [string, (rows: readonly NodeSnapshot[]) => NodeSnapshot[]])[] = [
    ['leave out the first node', (rows) => rows.slice(1)],
    ['leave out the last node', (rows) => rows.slice(0, -1)],
    [
      'take a move back',
      (rows) => rows.map((row) => (row.place.version > 1 ? { ...row, place: { ...row.place, version: 1 } } : row)),
    ],
    [
      'take an edit back',
      (rows) =>
        rows.map((row) =>
          (row.content?.version ?? 1) > 1
            ? { ...row, content: { ...row.content!, version: 1, sealedHash: other, sealed: undefined } }
            : row,
        ),
    ],
    [
      'put other times under a number that is known',
      (rows) => rows.map((row, i) => (i === 0 ? { ...row, attributes: { ...row.attributes!, epoch: 7 } } : row)),
    ],
    [
      'put a node into a folder that is not there',
      (rows) => [...rows, { ...rows[0]!, node: 'ff'.repeat(16) as NodeId, parent: 'ee'.repeat(16) as NodeId }],
    ],
    [
      'put a folder into itself',
      (rows) => {
        const node = 'ff'.repeat(16) as NodeId;
        const folder = rows.find(({ kind }) => kind === 'folder')!;
        return [...rows, { ...folder, node, parent: node }];
      },
    ],
    [
      'make a file a folder',
      (rows) =>
        rows.map((row) =>
          row.kind === 'file'
            ? { ...row, kind: 'folder' as const, place: { ...row.place, version: row.place.version + 1 } }
            : row,
        ),
    ],
  ];

  test.each(FORGED)('and %s are found out by what is known here', async (_, lie) => {
    let forged: { readonly rows: readonly NodeSnapshot[]; readonly entry: PlacedEntry; readonly hash: Hash } | null =
      null;
    const s = await met(
      onDevice(1, (ports) => {
        const { remote } = ports;
        const lying: Remote = {
          ...remote,
          snapshot: async (seq, after) =>
            forged === null ? remote.snapshot(seq, after) : { rows: [...forged.rows], isLast: true },
          entries: async (after, minSeq) => {
            const answer = await remote.entries(after, minSeq);
            if (forged === null) return answer;
            const { seq, hash } = { seq: forged.entry.seq, hash: forged.hash };
            const entries = answer.entries.map((entry) => (entry.seq === seq ? forged!.entry : entry));
            return { ...answer, entries, head: { ...answer.head, hash } };
          },
          inBulk: () => lying,
        };
        return { ...ports, remote: lying };
      }),
    );
    await goneAndCut(s);
    const { journal } = s.world.server;
    const rows = lie([...journal.rows.values()].sort(byNode));
    const { seq } = journal.head();
    const sum = changeSum(
      NO_NODES,
      [],
      rows.map((row) => leafOf(digestsOf(row))),
    );
    const { keeper } = memoryAccount(2);
    const entry = { seq, ...signAnew(keeper, journal.entries[seq]!, { nodes: rows.length, nodesRoot: rootOf(sum) }) };
    forged = { rows, entry, hash: nextHash(journal.hashes[seq - 1]!, seq, entryHash(entry)) };
    await foundOut(s);
  });

  function signAnew({ sign }: AccountDevice, entry: SignedEntry, patch: Partial<CheckpointBody>): SignedEntry {
    const parsed = parseEntry(entry);
    if (parsed.type !== 'checkpoint') throw new Error('this is no checkpoint');
    const body = encodeWire(checkpointBodySchema, { ...parsed.body, ...patch });
    return signEntry(sign, { ...parsed.header, changesHash: sha256(body) }, body);
  }
});

test('devices in all weathers come to the same, though the journal is cut again and again', async () => {
  const options = { createEngine: createSimEngine, devices: [2, 4], steps: 60, steering: { truncates: true } } as const;
  let cuts = 0;
  for (let seed = 1; seed <= 16; seed++) {
    const outcome = await runSeed(`${seed}`, options);
    const told = outcome.script.steps.map(describeStep).join('\n');
    expect(outcome.violation?.message, `seed ${seed}:\n${told}`).toBe(undefined);
    if (seed % 8 === 0) expect((await replay(outcome.script, options)).trace, `seed ${seed} again`).toBe(outcome.trace);
    cuts += outcome.coverage.times('log', 'info reset');
  }
  expect(cuts).toBeGreaterThan(5);
});
