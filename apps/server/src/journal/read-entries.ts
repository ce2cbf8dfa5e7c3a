import { entryHash, nextHash } from '@onefold/journal';
import { LIMITS, OnefoldError, type EntriesResponse, type Hash, type NamespaceHead } from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { MetadataDatabase, Reader } from '../metadata/database.ts';
import { createEntryCache, type CachedEntry, type EntryCache } from './entry-cache.ts';

/**
 * A page of the journal after position `after`, validated against `head`, which was read for this request: prefix(head) is what any node would
 * answer. Throws `server-error` when the caller has seen more than this head, `internal` when the stored journal contradicts itself.
 */
export async function readEntries(
  { metadata, entries }: { readonly metadata: MetadataDatabase; readonly entries: EntryCache },
  head: NamespaceHead,
  after: number,
): Promise<EntriesResponse> {
  if (after > head.seq) throw new OnefoldError('server-error', 'the journal is shorter here than the caller has seen');
  const page = await readPage(metadata.read, entries, head, after);
  if (isChained(page, head, after)) return answer(head, page);
  // A cached entry is in doubt: whatever is there is read again, past the cache.
  for (const { seq } of page) entries.forget(head.namespaceId, head.recoveryEpoch, seq);
  const fresh = await readPage(metadata.read, createEntryCache(0), head, after);
  if (!isChained(fresh, head, after)) throw new OnefoldError('internal', 'the stored journal does not chain');
  return answer(head, fresh);
}

function answer(head: NamespaceHead, page: readonly CachedEntry[]): EntriesResponse {
  return { head, entries: page.map(({ seq, entry }) => ({ seq, ...entry })) };
}

function isChained(page: readonly CachedEntry[], head: NamespaceHead, after: number): boolean {
  let previous: Hash | undefined;
  let seq = after;
  for (const entry of page) {
    if (entry.seq !== ++seq || (previous !== undefined && entry.prevHash !== previous)) return false;
    previous = entry.hash;
  }
  if (page.length === 0) return after === head.seq;
  return seq < head.seq || previous === head.hash;
}

async function readPage(reader: Reader, cache: EntryCache, head: NamespaceHead, after: number): Promise<CachedEntry[]> {
  const last = Math.min(head.seq, after + LIMITS.entriesPerPage);
  const page: CachedEntry[] = [];
  let sizeBytes = 0;
  for (let seq = after + 1; seq <= last; seq++) {
    const known = cache.get(head.namespaceId, head.recoveryEpoch, seq);
    if (known === undefined) {
      page.push(...(await load(reader, cache, head, seq, last, LIMITS.pageBytes - sizeBytes, page.length === 0)));
      return page;
    }
    sizeBytes += sizeOf(known);
    if (page.length > 0 && sizeBytes > LIMITS.pageBytes) return page;
    page.push(known);
  }
  return page;
}

/** Entries from `first` on, as many as fit into `budgetBytes` (at least one when `mustLoadOne`), checked against their own hashes. */
async function load(
  reader: Reader,
  cache: EntryCache,
  head: NamespaceHead,
  first: number,
  last: number,
  budgetBytes: number,
  mustLoadOne: boolean,
): Promise<CachedEntry[]> {
  const inRange = reader
    .selectFrom('entry')
    .where('namespace', '=', idBytes(head.namespaceId))
    .where('seq', '>=', first)
    .orderBy('seq');
  const sizes = await inRange.select(['seq', 'size_bytes']).where('seq', '<=', last).execute();
  let upTo = first - 1;
  let sizeBytes = 0;
  for (const row of sizes) {
    sizeBytes += row.size_bytes;
    if (sizeBytes > budgetBytes && !(mustLoadOne && row.seq === first)) break;
    upTo = row.seq;
  }
  if (upTo < first) return [];
  const rows = await inRange
    .select(['seq', 'header', 'signature', 'body', 'prev_hash', 'hash'])
    .where('seq', '<=', upTo)
    .execute();
  return rows.map((row) => {
    const entry = { header: row.header, signature: row.signature, body: row.body };
    const loaded = { seq: row.seq, entry, prevHash: idOf<Hash>(row.prev_hash), hash: idOf<Hash>(row.hash) };
    const expected = row.seq === 0 ? entryHash(entry) : nextHash(loaded.prevHash, row.seq, entryHash(entry));
    if (expected !== loaded.hash) throw new OnefoldError('internal', 'a stored entry does not match its hash');
    cache.put(head.namespaceId, head.recoveryEpoch, loaded);
    return loaded;
  });
}

function sizeOf({ entry }: CachedEntry): number {
  return entry.header.length + entry.signature.length + entry.body.length;
}
