import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { NamespaceId, PackId } from '@onefold/protocol';
import { idOf } from '../id-bytes.ts';
import type { PackObject, PackStore } from './pack-store.ts';

/** A store to test, and a way to what a next process would find after this one ended without a word. */
export interface PackStoreUnderTest {
  readonly store: PackStore;
  readonly reopen: () => Promise<PackStore>;
}

function pack(length: number): PackObject {
  return {
    namespace: idOf<NamespaceId>(randomBytes(32)),
    packId: idOf<PackId>(randomBytes(16)),
    bytes: new Uint8Array(randomBytes(length)),
  };
}

async function readWhole(store: PackStore, objectKey: string, length: number): Promise<Uint8Array> {
  const reader = await store.open(objectKey);
  if (reader === undefined) throw new Error('the object is not there');
  try {
    return await reader.read(0, length);
  } finally {
    await reader.close();
  }
}

async function listed(store: PackStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const { objectKey } of store.list()) keys.push(objectKey);
  return keys.sort();
}

/** What every pack store must do. `open` gives an empty one. */
export function describePackStore(open: () => Promise<PackStoreUnderTest>): void {
  test('what was put is read back, whole and in parts', async () => {
    const { store } = await open();
    const object = pack(100_000);
    const { objectKey, sizeBytes } = await store.put(object);
    expect(sizeBytes).toBe(100_000);
    expect(Buffer.compare(await readWhole(store, objectKey, 100_000), object.bytes)).toBe(0);
    const reader = await store.open(objectKey);
    expect(
      Buffer.compare((await reader?.read(70_001, 29_999)) ?? new Uint8Array(), object.bytes.subarray(70_001)),
    ).toBe(0);
    await expect(reader?.read(99_999, 2)).rejects.toMatchObject({ code: 'not-found' });
    await reader?.close();
  });

  test('the same pack put twice gets two keys: a key is never used again', async () => {
    const { store } = await open();
    const object = pack(10);
    const [a, b] = [await store.put(object), await store.put(object)];
    expect(a.objectKey).not.toBe(b.objectKey);
    expect(a.objectKey).toContain(object.namespace);
    await store.remove(a.objectKey);
    expect(await store.open(a.objectKey)).toBeUndefined();
    expect(await readWhole(store, b.objectKey, 10)).toHaveLength(10);
  });

  test('many packs put at once all arrive', async () => {
    const { store } = await open();
    const objects = Array.from({ length: 40 }, (_, i) => pack(1 + i * 997));
    const stored = await Promise.all(objects.map((object) => store.put(object)));
    expect(new Set(stored.map(({ objectKey }) => objectKey)).size).toBe(40);
    for (const [i, { objectKey }] of stored.entries()) {
      const { bytes } = objects[i] as PackObject;
      expect(Buffer.compare(await readWhole(store, objectKey, bytes.length), bytes)).toBe(0);
    }
    expect(await listed(store)).toEqual(stored.map(({ objectKey }) => objectKey).sort());
  });

  test('what was acknowledged is there for the next process', async () => {
    const { store, reopen } = await open();
    const object = pack(5_000);
    const { objectKey } = await store.put(object);
    const next = await reopen();
    expect(Buffer.compare(await readWhole(next, objectKey, 5_000), object.bytes)).toBe(0);
    expect(await listed(next)).toEqual([objectKey]);
  });

  test('whose the packs are is noted beside them, and is no pack', async () => {
    const { store, reopen } = await open();
    expect(await store.owner()).toBeUndefined();
    await store.claim('first');
    await store.claim('second');
    expect(await (await reopen()).owner()).toBe('second');
    expect(await listed(store)).toEqual([]);
  });

  test('what is not there is undefined to open, and no error to remove', async () => {
    const { store } = await open();
    const { objectKey } = await store.put(pack(10));
    await store.remove(objectKey);
    await store.remove(objectKey);
    expect(await store.open(objectKey)).toBeUndefined();
    expect(await listed(store)).toEqual([]);
  });
}
