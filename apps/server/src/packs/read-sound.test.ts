import { truncateSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { NamespaceId } from '@onefold/protocol';
import { idBytes } from '../id-bytes.ts';
import { storeWith } from '../testing/collecting.ts';
import { randomId } from '../testing/test-account.ts';
import { packOf, randomBlock } from '../testing/test-client.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openDiskPackStore } from './disk.ts';
import { readSound } from './read-sound.ts';
import { verifyPack } from './verify-pack.ts';

/** A stored pack of small blocks, and how often the store was asked for bytes of it. */
async function stored(count: number) {
  const folder = temporaryFolder();
  const disk = await openDiskPackStore({ folder, nowMs: Date.now });
  onTestFinished(() => disk.close());
  const { packId, bytes } = packOf(Array.from({ length: count }, () => randomBlock(100)));
  const { objectKey } = await disk.put({ namespace: randomId<NamespaceId>(32), packId, bytes });
  const rows = (await verifyPack(bytes)).map(({ ctHash, offset, length }) => ({
    ct_hash: idBytes(ctHash),
    offset_bytes: offset,
    length_bytes: length,
  }));
  const asked = { reads: 0 };
  const packs = storeWith(disk, {
    open: async (key) => {
      const reader = await disk.open(key);
      return reader && { ...reader, read: (...range) => (asked.reads++, reader.read(...range)) };
    },
  });
  return { packs, objectKey, rows, asked, file: join(folder, objectKey) };
}

test('blocks that lie side by side are read together', async () => {
  const { packs, objectKey, rows, asked } = await stored(2_000);
  const { sound, lost } = await readSound(packs, objectKey, rows);
  expect([sound.length, lost]).toEqual([2_000, []]);
  expect(asked.reads).toBeLessThan(5);
  // With a gap between them, no more than is asked for.
  const others = rows.filter((_, i) => i % 10 !== 0);
  expect((await readSound(packs, objectKey, others)).sound).toHaveLength(1_800);
  expect(asked.reads).toBeLessThan(210);
});

test('one that is damaged is lost alone, and of a pack that is cut off only what lay behind', async () => {
  const { packs, objectKey, rows, file } = await stored(50);
  const at = rows[20]!;
  const handle = await open(file, 'r+');
  await handle.write(Buffer.from([0xff, 0x00, 0xff, 0x00]), 0, 4, at.offset_bytes + 10);
  await handle.close();
  expect((await readSound(packs, objectKey, rows)).lost).toEqual([at.ct_hash]);
  truncateSync(file, rows[40]!.offset_bytes + 5);
  const { sound, lost } = await readSound(packs, objectKey, rows);
  expect(lost).toEqual([at, ...rows.slice(40)].map((row) => row.ct_hash));
  expect(sound).toHaveLength(39);
});

test('a row that says what cannot be loses its block alone', async () => {
  const { packs, objectKey, rows } = await stored(10);
  const wrong = [{ offset_bytes: -1 }, { length_bytes: 0 }, { length_bytes: 2 ** 40 }, { offset_bytes: 0.5 }];
  const told = rows.map((row, i) => ({ ...row, ...(wrong[i - 3] ?? {}) }));
  const { sound, lost } = await readSound(packs, objectKey, told);
  expect(lost).toEqual(rows.slice(3, 7).map((row) => row.ct_hash));
  expect(sound).toHaveLength(6);
});
