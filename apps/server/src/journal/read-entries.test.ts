import { join } from 'node:path';
import { expect, test } from 'vitest';
import { entryHash, nextHash } from '@onefold/journal';
import { LIMITS, type Hash } from '@onefold/protocol';
import { readHeads } from '../accounts/access.ts';
import { openSqlite } from '../metadata/sqlite.ts';
import { startServer } from '../server.ts';
import { bytes } from '../testing/test-account.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createClient, createFolder, valueOf } from '../testing/test-client.ts';
import { createEntryCache, type CachedEntry, type EntryCache } from './entry-cache.ts';
import { readEntries } from './read-entries.ts';

async function journalOf(length: number) {
  const data = temporaryFolder();
  const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
  const client = await createClient(server.url);
  for (let i = 0; i < length; i++) valueOf(await client.commit([createFolder()]));
  await server.close();
  const metadata = await openSqlite(join(data, 'metadata.db'));
  const [head] = await readHeads(metadata.read, client.account.user);
  if (head === undefined) throw new Error('no namespace');
  return { metadata, head };
}

function put(
  cache: ReturnType<typeof createEntryCache>,
  namespace: Parameters<typeof cache.put>[0],
  entry: CachedEntry,
): void {
  cache.put(namespace, 0, entry);
}

test('a wrong entry planted in the cache is found and never answered', async () => {
  const { metadata, head } = await journalOf(4);
  const entries = createEntryCache(1_000_000);
  const true_ = await readEntries({ metadata, entries }, head, -1);
  for (let seq = 0; seq <= 4; seq++) {
    // What was in doubt was forgotten: fill it again.
    await readEntries({ metadata, entries }, head, -1);
    const right = entries.get(head.namespaceId, 0, seq);
    const other = entries.get(head.namespaceId, 0, (seq + 1) % 5);
    if (right === undefined || other === undefined) throw new Error('not cached');
    put(entries, head.namespaceId, { ...right, entry: other.entry, hash: 'ab'.repeat(32) as Hash });
    expect(await readEntries({ metadata, entries }, head, -1)).toEqual(true_);
  }
  await metadata.close();
});

test('a stretch of another journal in the cache is found, though it chains and the page ends before the head', async () => {
  const { metadata, head } = await journalOf(4);
  // Names alone: what is wrong holds megabytes.
  const namesOf = async (entries: EntryCache): Promise<string[]> =>
    (await readEntries({ metadata, entries }, head, 0)).entries.map((entry) => `${entry.seq} ${entryHash(entry)}`);
  const true_ = await namesOf(createEntryCache(1_000_000));
  const other = (seq: number, prevHash: Hash): CachedEntry => {
    // So long that the page is full with two of them.
    const entry = {
      header: new Uint8Array([seq]),
      signature: new Uint8Array(64),
      body: bytes(LIMITS.pageBytes / 2 - 500),
    };
    return { seq, entry, prevHash, hash: nextHash(prevHash, seq, entryHash(entry)) };
  };
  for (const length of [1, 2]) {
    const entries = createEntryCache(4 * LIMITS.pageBytes);
    let hash = 'ab'.repeat(32) as Hash;
    for (let seq = 1; seq <= length; seq++) {
      const one = other(seq, hash);
      ({ hash } = one);
      put(entries, head.namespaceId, one);
    }
    expect(await namesOf(entries)).toEqual(true_);
  }
  await metadata.close();
});

test('entries of another recovery epoch are another journal', async () => {
  const { metadata, head } = await journalOf(2);
  const entries = createEntryCache(1_000_000);
  const found: boolean[] = [];
  const counted = createEntryCache(1_000_000, (isHit) => found.push(isHit));
  for (const recoveryEpoch of [0, 1]) {
    found.length = 0;
    await readEntries({ metadata, entries: counted }, { ...head, recoveryEpoch }, -1);
    expect(found).not.toContain(true);
  }
  await readEntries({ metadata, entries }, head, -1);
  const [first] = (await readEntries({ metadata, entries }, head, -1)).entries;
  if (first === undefined) throw new Error('no entry');
  entries.put(head.namespaceId, 1, { seq: 0, entry: first, prevHash: head.hash, hash: head.hash });
  expect((await readEntries({ metadata, entries }, head, -1)).entries[0]).toEqual(first);
  await metadata.close();
});

test('the cache holds no more bytes than it may, the least recently read go first', () => {
  const cache = createEntryCache(10_000);
  const entry = (seq: number): CachedEntry => ({
    seq,
    entry: { header: new Uint8Array(1_000), signature: new Uint8Array(64), body: new Uint8Array(1_000) },
    prevHash: '' as Hash,
    hash: '' as Hash,
  });
  const namespace = 'cd'.repeat(32) as Parameters<typeof cache.put>[0];
  for (let seq = 0; seq < 10; seq++) {
    put(cache, namespace, entry(seq));
    cache.get(namespace, 0, 0);
    expect(cache.sizeBytes).toBeLessThanOrEqual(10_000);
  }
  expect(cache.get(namespace, 0, 0)).toBeDefined();
  expect(cache.get(namespace, 0, 1)).toBeUndefined();
  expect(cache.get(namespace, 0, 9)).toBeDefined();
});
