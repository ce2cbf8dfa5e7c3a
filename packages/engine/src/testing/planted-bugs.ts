/*
 * Bugs put in on purpose: each must be caught by some checker within a stated number of seeds, or the checkers are worth nothing. Most are
 * bugs that real sync clients shipped. These stand between engine and ports; those of planted-patches.ts are changes of its sources.
 */
import type { BlockId } from '@onefold/protocol';
import type { BlockReference } from '../core/tree.ts';
import type { Batch, DiskChange, Ports } from '../ports.ts';
import { createMemoryBlocks } from './memory-blocks.ts';
import type { PlantedBug } from './planted-bug.ts';
import { WRITTEN_IN_THE_TRASH } from './planted-stories.ts';
import type { LifeParts } from './sim-device.ts';

function withFiles(ports: Ports, files: Partial<Ports['files']>): Ports {
  return { ...ports, files: { ...ports.files, ...files } };
}

function withStore(ports: Ports, store: Partial<Ports['store']>): Ports {
  return { ...ports, store: { ...ports.store, ...store } };
}

/** Every change is made as `alter` leaves it; it may look at the disk first. */
function withChanges(
  ports: Ports,
  alter: (change: DiskChange, parts: LifeParts) => DiskChange,
  parts: LifeParts,
): Ports {
  return withFiles(ports, {
    async change(changes) {
      const results = [];
      for (const change of changes) results.push(...(await ports.files.change([alter(change, parts)])));
      return results;
    },
  });
}

export const PLANTED_BETWEEN: readonly PlantedBug[] = [
  {
    name: 'a flush that flushes nothing',
    plant: (ports) => withFiles(ports, { flush: async () => ({ outcome: 'done' }) }),
  },
  {
    name: 'an entry that cannot be examined counts as gone',
    plant: (ports) =>
      withFiles(ports, {
        list: async (paths) =>
          (await ports.files.list(paths)).map((listing) =>
            listing.outcome === 'listed' ? { ...listing, unreadable: [] } : listing,
          ),
      }),
  },
  {
    name: 'a folder that cannot be listed counts as empty',
    steering: { troubles: ['blind'] },
    plant: (ports, { disk }) =>
      withFiles(ports, {
        list: async (paths) =>
          (await ports.files.list(paths)).map((listing, i) => {
            const found = disk.find(paths[i]!);
            if (listing.outcome !== 'failed' || found === null) return listing;
            return { outcome: 'listed', self: disk.statOf(found), entries: [], unreadable: [] };
          }),
      }),
  },
  {
    name: 'a listing that breaks off passes for whole',
    plant: (ports) =>
      withFiles(ports, {
        list: async (paths) =>
          (await ports.files.list(paths)).map((listing) =>
            listing.outcome === 'listed' && Math.floor(ports.clock.monotonicMs() / 20_000) % 2 === 1
              ? { ...listing, entries: listing.entries.slice(0, -1) }
              : listing,
          ),
      }),
  },
  {
    name: 'a folder put in the place of the root is taken for it',
    plant: (ports, { disk }) =>
      withFiles(ports, {
        checkRoot: async () => {
          const root = disk.rootFolder();
          if (root === null) return { outcome: 'missing' };
          return { outcome: 'present', stat: disk.statOf({ volume: disk.main, inode: root }) };
        },
      }),
  },
  {
    name: 'what left a device because it is not to be there counts as deleted there',
    steering: { troubles: ['select'] },
    plant: (ports, { store }) =>
      withStore(ports, {
        async commit(batch) {
          const before = new Map(store.allRows().map((row) => [row.node, row]));
          const rows = batch.rows?.map((row) => {
            const synced = before.get(row.node)?.synced ?? null;
            if (row.remote?.unticked !== true || row.local !== null || row.synced !== null || synced === null)
              return row;
            return { ...row, synced, remote: { ...row.remote, unticked: false } };
          });
          await ports.store.commit(rows === undefined ? batch : { ...batch, rows });
        },
      }),
  },
  {
    name: 'an edit in a folder that is not to be on the device is removed with it',
    steering: { troubles: ['select'] },
    plant: (ports) =>
      withStore(ports, {
        async commit(batch) {
          const rows = batch.rows?.map((row) => {
            const { local, remote, synced } = row;
            if (remote?.unticked !== true || local?.content == null || synced === null) return row;
            return { ...row, synced: { ...synced, content: local.content } };
          });
          await ports.store.commit(rows === undefined ? batch : { ...batch, rows });
        },
      }),
  },
  {
    name: 'a replaced file is neither compared with what was seen of it nor kept',
    plant: (ports, parts) =>
      withChanges(
        ports,
        (change, { disk }) => {
          if (change.op !== 'move' || change.expectTo === null) return change;
          const found = disk.find(change.to);
          return found === null ? change : { ...change, expectTo: disk.statOf(found), keepAs: null };
        },
        parts,
      ),
  },
  {
    name: 'a deleted file is not compared with what was seen of it',
    steering: { troubles: ['race'] },
    plant: (ports, parts) =>
      withChanges(
        ports,
        (change, { disk }) => {
          const found = change.op === 'trash' ? disk.find(change.path) : null;
          return change.op !== 'trash' || found === null ? change : { ...change, expect: disk.statOf(found) };
        },
        parts,
      ),
  },
  {
    name: 'a replaced file is not kept until it was looked at again',
    plant: (ports, parts) =>
      withChanges(ports, (change) => (change.op === 'move' ? { ...change, keepAs: null } : change), parts),
  },
  {
    name: 'a state commit in two halves',
    plant: (ports) =>
      withStore(ports, {
        async commit(batch) {
          const { cursor, inFlight, diskIntents, ...first } = batch;
          const second: Batch = {
            ...(cursor === undefined ? {} : { cursor }),
            ...(inFlight === undefined ? {} : { inFlight }),
            ...(diskIntents === undefined ? {} : { diskIntents }),
          };
          await ports.store.commit(second);
          await ports.store.commit(first);
        },
      }),
  },
  {
    name: 'a state commit that is durable only with the next one',
    steering: { troubles: ['crash', 'net', 'race'] },
    plant: (ports) => {
      let held: Batch | null = null;
      const writeHeld = async () => {
        const batch = held;
        held = null;
        if (batch !== null) await ports.store.commit(batch);
      };
      const reads = Object.fromEntries(
        Object.entries(ports.store).map(([name, read]) => [
          name,
          // Within one life everything looks right: what is held back is written before it is read.
          async (...args: never[]) => {
            await writeHeld();
            return (read as (...args: never[]) => Promise<unknown>)(...args);
          },
        ]),
      ) as unknown as Ports['store'];
      return {
        ...ports,
        store: {
          ...reads,
          async commit(batch) {
            await writeHeld();
            held = structuredClone(batch);
          },
        },
      };
    },
  },
  {
    name: 'a file that changes while it is read is taken as read',
    steering: { troubles: ['race'] },
    plant: (ports, { disk, gate, touched }) => ({
      ...ports,
      blocks: createMemoryBlocks(disk, gate, touched, { looksAgain: false, hashesDonors: true }),
    }),
  },
  {
    name: 'a download that ends early passes for whole',
    plant: (ports, { disk }) => ({
      ...ports,
      blocks: {
        ...ports.blocks,
        async assemble(items, source) {
          const outcomes = await ports.blocks.assemble(items, source);
          return outcomes.map((outcome, i) => {
            const found = disk.find(items[i]!.staging);
            if (outcome.outcome !== 'written' || found === null || found.inode.data.length < 600) return outcome;
            found.inode.data = found.inode.data.subarray(0, 512);
            return { ...outcome, stat: disk.statOf(found) };
          });
        },
      },
    }),
  },
  {
    name: 'a block counts as stored before it is',
    plant: (ports) => {
      const sealedHere = new Map<BlockId, BlockReference>();
      return {
        ...ports,
        blocks: {
          ...ports.blocks,
          prepare: (items, epoch, sink) =>
            ports.blocks.prepare(items, epoch, {
              known: async (blocks) =>
                (await sink.known(blocks)).map((known, i) => known ?? sealedHere.get(blocks[i]!)),
              sealed: (blocks) => {
                for (const { reference } of blocks) sealedHere.set(reference.blockId, reference);
                return sink.sealed(blocks.slice(0, -1));
              },
            }),
        },
      };
    },
  },
  {
    name: 'nobody asks what the server has lost',
    steering: { troubles: ['net', 'crash'], loses: true },
    plant: (ports) => ({
      ...ports,
      remote: { ...ports.remote, lostBlocks: () => Promise.resolve({ lost: [], hasMore: false }) },
    }),
  },
  {
    name: 'names that differ in case are one name',
    plant: (ports) => ({
      ...ports,
      sealing: { ...ports.sealing, nameTag: (parent, name) => ports.sealing.nameTag(parent, name.toLowerCase()) },
    }),
  },
  {
    name: 'the same random numbers in every life',
    plant: (ports) => {
      let next = 0;
      return { ...ports, random: { fraction: () => 0.5, bytes: (length) => new Uint8Array(length).fill(++next) } };
    },
  },
  {
    name: 'times are not put on files',
    plant: (ports, { disk }) => ({
      ...ports,
      blocks: {
        ...ports.blocks,
        async assemble(items, source) {
          const bare = items.map((item) => ({
            ...item,
            attributes: item.attributes === null ? null : { ...item.attributes, mtimeNs: null },
          }));
          return ports.blocks.assemble(bare, source);
        },
      },
      files: {
        ...ports.files,
        change: (changes) =>
          ports.files.change(
            changes.map((change) =>
              change.op === 'set-attributes' && disk.find(change.path)?.inode.kind === 'file'
                ? { ...change, attributes: { ...change.attributes, mtimeNs: null } }
                : change,
            ),
          ),
      },
    }),
  },
  {
    name: 'a block of a local file is used again without a look at its hash',
    plant: (ports, { disk, gate, touched }) => ({
      ...ports,
      blocks: createMemoryBlocks(disk, gate, touched, { looksAgain: true, hashesDonors: false }),
    }),
  },
  {
    name: 'what stands in the way is overwritten, be it only the twin in case',
    steering: { system: 'windows' },
    plant: (ports, parts) =>
      withChanges(
        ports,
        (change, { disk }) => {
          const found = change.op === 'move' && change.expectTo === null ? disk.find(change.to) : null;
          if (change.op !== 'move' || found === null || found.inode === disk.find(change.from)?.inode) return change;
          return found.inode.kind === 'file' ? { ...change, expectTo: disk.statOf(found), keepAs: null } : change;
        },
        parts,
      ),
  },
  {
    name: 'a file staged a moment ago replaces whatever stands there by then',
    steering: { troubles: ['race'] },
    plant: (ports, parts) =>
      withChanges(
        ports,
        (change, { disk }) => {
          if (change.op !== 'move' || change.keepAs === null) return change;
          const found = disk.find(change.to);
          return found === null ? change : { ...change, expectTo: disk.statOf(found), keepAs: null };
        },
        parts,
      ),
  },
  {
    name: 'what is deleted elsewhere is removed here without the trash',
    story: WRITTEN_IN_THE_TRASH,
    plant: (ports) =>
      withFiles(ports, {
        async change(changes) {
          const results = await ports.files.change(changes);
          if (changes.some(({ op }) => op === 'trash')) {
            const lying = await ports.files.listTrash();
            await ports.files.purgeTrash(lying.map(({ at }) => at));
          }
          return results;
        },
      }),
  },
];
