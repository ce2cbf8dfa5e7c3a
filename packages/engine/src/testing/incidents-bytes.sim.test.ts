/* What other products did to bytes: half of them sent, wrong ones kept, edits put back. docs/RELIABILITY.md names each story's source. */
import { describe, expect, test } from 'vitest';
import type { Listing, Ports } from '../ports.ts';
import { contentBytes, keyOfBytes } from './content-ledger.ts';
import { makeTree, onDevice, story } from './incident-story.ts';
import { contentIdOfBytes } from './memory-blocks.ts';

/** Content numbers with their sizes, as the journal's content ids. */
function contentIds(...contents: readonly (readonly [content: number, size: number])[]): Set<string> {
  return new Set(contents.map(([content, size]) => contentIdOfBytes(contentBytes(content, size))));
}

describe('edits were put back without a word', () => {
  test('edits of one file on two devices that were offline are both kept', async () => {
    const s = await story(async ({ write }) => write(0, 'report.txt', 1));
    await s.apart(
      () => s.write(0, 'report.txt', 2),
      () => s.write(1, 'report.txt', 3),
    );
    for (const device of [0, 1]) expect(Object.values(s.shows(device)).sort()).toEqual([2, 3]);
    const copies = s.world.devices.flatMap(({ store }) =>
      store.allAttention().filter(({ code }) => code === 'conflict-copy'),
    );
    expect(copies.length).toBeGreaterThan(0);
  });

  test('an edit made while the version of another device is on its way down is kept', async () => {
    let atWrite: (() => void) | null = null;
    const s = await story(
      async ({ write }) => write(0, 'a', 1),
      onDevice(1, (ports) => ({
        ...ports,
        blocks: {
          ...ports.blocks,
          async assemble(items, source) {
            const outcomes = await ports.blocks.assemble(items, source);
            atWrite?.();
            atWrite = null;
            return outcomes;
          },
        },
      })),
    );
    const bytes = contentBytes(3, 80);
    atWrite = () => {
      s.world.devices[1]!.user.write('a', bytes);
      s.world.ledger.writtenBytes(bytes, 'an edit in between');
    };
    await s.write(0, 'a', 2);
    await s.settle();
    const sizes = Object.values(s.shows(1));
    expect(sizes).toEqual(expect.arrayContaining([2, '80 bytes']));
  });

  test('an edit saved between the listing of its folder and the end of the scan is seen', async () => {
    let atListing: (() => void) | null = null;
    const s = await story(
      async ({ act, write }) => {
        await act(0, { act: 'mkdir', path: 'f' });
        await write(0, 'f/a', 1);
      },
      onDevice(0, (ports) => {
        const list: Ports['files']['list'] = async (paths) => {
          const listings: readonly Listing[] = await ports.files.list(paths);
          if (paths.includes('f')) atListing?.();
          if (paths.includes('f')) atListing = null;
          return listings;
        };
        return { ...ports, files: { ...ports.files, list } };
      }),
    );
    await s.step({ do: 'watcher', device: 0, becomes: 'deaf' });
    const bytes = contentBytes(2, 100);
    atListing = () => {
      s.world.devices[0]!.user.write('f/a', bytes);
      s.world.ledger.givenUp(keyOfBytes(contentBytes(1, 100)));
      s.world.ledger.writtenBytes(bytes, 'an edit during a scan');
    };
    await s.step({ do: 'scan', device: 0 });
    await s.run(30_000);
    await s.step({ do: 'watcher', device: 0, becomes: 'hearing' });
    await s.step({ do: 'scan', device: 0 });
    await s.settle();
    expect(Buffer.from(s.world.devices[1]!.disk.find('f/a')!.inode.data).equals(bytes)).toBe(true);
  });

  test('a touch does not overwrite what another device wrote', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    await s.apart(
      () => s.act(0, { act: 'touch', path: 'a', mtimeNs: '1900000000000000000' }),
      () => s.write(1, 'a', 2),
    );
    for (const device of [0, 1]) expect(s.shows(device)).toEqual({ a: 2 });
  });

  test('times alone are no conflict', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    await s.apart(
      () => s.act(0, { act: 'touch', path: 'a', mtimeNs: '1900000000000000000' }),
      () => s.act(1, { act: 'touch', path: 'a', mtimeNs: '1000000000000000000' }),
    );
    for (const device of [0, 1]) expect(s.shows(device)).toEqual({ a: 1 });
    expect([...s.world.server.journal.nodes.values()]).toMatchObject([{ contentVersion: 1 }]);
  });
});

describe('a half-written file was sent', () => {
  test('a file that is being written is sent when it stands still, and never in parts', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    const { truth } = s.world;
    await s.act(0, { act: 'writer-open', path: 'a' });
    for (let part = 0; part < 40; part++) {
      await s.act(0, { act: 'writer-write', content: 10 + part, size: 200 + part });
      await s.run(30);
    }
    await s.act(0, { act: 'writer-close' });
    await s.settle();
    expect(truth.contentIds()).toEqual(contentIds([1, 100], [49, 239]));
  });

  test('a file that changes while it is read is not taken', async () => {
    let reads = 0;
    let isStoryTold = false;
    const s = await story(
      async ({ write }) => write(0, 'a', 1, 1_500),
      onDevice(0, (ports) => ({
        ...ports,
        blocks: {
          ...ports.blocks,
          prepare(items, epoch, sink) {
            return ports.blocks.prepare(items, epoch, {
              ...sink,
              async known(blocks) {
                // Between two blocks the file is saved once more.
                if (isStoryTold && reads++ === 1) s.world.devices[0]!.user.write('b', contentBytes(3, 1_500));
                return sink.known(blocks);
              },
            });
          },
        },
      })),
    );
    isStoryTold = true;
    await s.write(0, 'b', 2, 1_500);
    s.world.ledger.writtenBytes(contentBytes(3, 1_500), '#3');
    await s.run(60_000);
    for (const id of s.world.truth.contentIds()) expect(contentIds([1, 1_500], [2, 1_500], [3, 1_500])).toContain(id);
    expect(Buffer.from(s.world.devices[1]!.disk.find('b')!.inode.data).equals(contentBytes(3, 1_500))).toBe(true);
  });

  test('an upload that was cut off leaves nothing that counts as sent', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    // Blocks are remembered as the server's only when a changeset with them is committed.
    for (const call of ['announce', 'putPack', 'commit'] as const) {
      await s.step({ do: 'net-fault', device: 0, fault: { kind: 'drop-request', call } });
    }
    await s.write(0, 'b', 2, 3_000);
    await s.run(20_000);
    await s.step({ do: 'crash', device: 0, power: false });
    await s.step({ do: 'server', becomes: 'collected' });
    await s.step({ do: 'start', device: 0 });
    await s.act(0, { act: 'copy', path: 'b', to: 'copy of b' });
    await s.settle();
    for (const device of [0, 1]) expect(s.shows(device)).toEqual({ a: 1, b: 2, 'copy of b': 2 });
  });
});

describe('a download was short or corrupt, and was kept', () => {
  test.each([
    [
      'corrupt',
      (bytes: Uint8Array | null) =>
        bytes === null ? null : bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)),
    ],
    ['short', (bytes: Uint8Array | null) => bytes?.subarray(0, bytes.length - 5) ?? null],
    ['missing', () => null],
  ] as const)('bytes that arrive %s are not put in place, and the file here stays', async (_, alter) => {
    let isAltered = false;
    const s = await story(
      async ({ write }) => write(0, 'a', 1, 3_000),
      onDevice(1, (ports) => {
        const remote: typeof ports.remote = {
          ...ports.remote,
          readBlocks: async (blocks) =>
            (await ports.remote.readBlocks(blocks)).map((one) => (isAltered ? alter(one) : one)),
          inBulk: () => remote,
        };
        return { ...ports, remote };
      }),
    );
    isAltered = true;
    await s.write(0, 'a', 2, 3_000);
    await s.write(0, 'new', 3, 3_000);
    await s.run(120_000);
    expect(s.shows(1)).toEqual({ a: 1 });
    isAltered = false;
    await s.run(20 * 60_000);
    await s.settle();
    expect(s.shows(1)).toEqual({ a: 2, new: 3 });
  });

  test('a connection lost in the middle of a file leaves no short file', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1, 3_000));
    for (let i = 0; i < 3; i++)
      await s.step({ do: 'net-fault', device: 1, fault: { kind: 'drop-answer', call: 'readBlocks' } });
    await s.write(0, 'a', 2, 6_000);
    for (let i = 0; i < 40; i++) {
      await s.run(1_000);
      expect([1, 2]).toContain(s.shows(1)['a']);
    }
    await s.settle();
    expect(s.shows(1)).toEqual({ a: 2 });
  });
});

describe('times of 1970 sent everything anew', () => {
  test.each([
    ['1970', '0'],
    ['before 1970', '-1000000000000'],
    ['far ahead', '7258118400000000000'],
  ])('a file of %s is a file of that time, and no new version', async (_, mtimeNs) => {
    const s = await story((it) => makeTree(it, 5));
    const before = s.world.server.blockCount();
    for (let i = 0; i < 5; i++) await s.act(0, { act: 'touch', path: `f/${i}`, mtimeNs });
    await s.settle();
    expect(s.world.server.blockCount()).toBe(before);
    for (const node of s.world.server.journal.nodes.values()) expect(node.contentVersion).toBeLessThanOrEqual(1);
    expect(s.world.devices[1]!.disk.find('f/0')!.inode.mtimeNs).toBe(BigInt(mtimeNs));
  });
});

describe('renaming in a row mixed files up', () => {
  test('twenty files that all move up by one number are the same twenty files', async () => {
    const s = await story((it) => makeTree(it, 20));
    for (let i = 19; i >= 0; i--) await s.act(0, { act: 'rename', path: `f/${i}`, to: `f/${i + 1}` });
    await s.settle();
    const wanted = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f/${i + 1}`, 100 + i]));
    for (const device of [0, 1]) expect(s.shows(device)).toEqual({ f: '/', ...wanted });
  });

  test('a row renamed on one device beside edits on the other loses neither names nor edits', async () => {
    const s = await story((it) => makeTree(it, 6));
    await s.apart(
      async () => {
        for (let i = 5; i >= 0; i--) await s.act(0, { act: 'rename', path: `f/${i}`, to: `f/${i + 1}` });
      },
      () => s.write(1, 'f/0', 7),
      () => s.write(1, 'f/5', 8),
    );
    for (const device of [0, 1])
      expect(Object.values(s.shows(device)).sort()).toEqual(['/', 7, 8, 100, 101, 102, 103, 104, 105].sort());
  });
});

test('an empty file is a file', async () => {
  const s = await story(async ({ act, write }) => {
    await act(0, { act: 'mkdir', path: 'f' });
    await write(0, 'f/empty', 1, 0);
  });
  expect(s.shows(1)).toEqual({ f: '/', 'f/empty': 1 });
});
