import { entryHash, nextHash } from '@onefold/journal';
import {
  LIMITS,
  OnefoldError,
  type EntriesResponse,
  type Hash,
  type NamespaceHead,
  type NamespaceId,
} from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import { createEntryCache, type CachedEntry, type EntryCache } from './entry-cache.ts';
import { findReset } from './find-reset.ts';
import { fullPageOf, NO_PAGE_CACHE, PAGE_ENTRIES, type PageCache } from './page-cache.ts';

export interface JournalSource {
  readonly metadata: MetadataDatabase;
  readonly entries: EntryCache;
  readonly pages?: PageCache;
}

/**
 * A page of the journal after position `after`, validated against `head`, which was read for this request: prefix(head) is what any node would
 * answer. Where entries are gone, a reset. Throws `server-error` when the caller has seen more than this head, `internal` when the stored journal contradicts
 * itself.
 */
export async function readEntries(
  { metadata, entries, pages = NO_PAGE_CACHE }: JournalSource,
  head: NamespaceHead,
  after: number,
): Promise<EntriesResponse> {
  if (after > head.seq) throw new OnefoldError('server-error', 'the journal is shorter here than the caller has seen');
  const page = await readPage({ metadata, entries, pages }, head, after);
  if (isChained(page, head, after) && (await doesJoin(metadata, head, page))) return answer(head, page);
  const reset = await findReset(metadata.read, head, after);
  if (reset !== undefined) return reset;
  // A cached entry is in doubt: whatever is there is read again, past the cache.
  for (const { seq } of page) entries.forget(head.namespaceId, head.recoveryEpoch, seq);
  const fresh = await readPage({ metadata, entries: createEntryCache(0) }, head, after);
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

/**
 * Whether a page that chains is a piece of this journal, and not of another one: it ends at head, or in the hash that the database has there. Then so does
 * everything before.
 */
async function doesJoin(
  metadata: MetadataDatabase,
  head: NamespaceHead,
  page: readonly CachedEntry[],
): Promise<boolean> {
  const last = page.at(-1);
  if (last === undefined || last.seq === head.seq) return true;
  return (await hashAt(metadata, head.namespaceId, last.seq)) === last.hash;
}

async function hashAt({ read }: MetadataDatabase, namespace: NamespaceId, seq: number): Promise<Hash | undefined> {
  const row = await read
    .selectFrom('entry')
    .select('hash')
    .where('namespace', '=', idBytes(namespace))
    .where('seq', '=', seq)
    .executeTakeFirst();
  return row === undefined ? undefined : idOf<Hash>(row.hash);
}

async function readPage(source: JournalSource, head: NamespaceHead, after: number): Promise<CachedEntry[]> {
  const last = Math.min(head.seq, after + LIMITS.entriesPerPage);
  const page: CachedEntry[] = [];
  let sizeBytes = 0;
  let isAtDatabase = false;
  for (let seq = after + 1; seq <= last;) {
    const known = source.entries.get(head.namespaceId, head.recoveryEpoch, seq);
    if (known !== undefined) {
      sizeBytes += sizeOf(known);
      if (page.length > 0 && sizeBytes > LIMITS.pageBytes) return page;
      page.push(known);
      seq++;
      continue;
    }
    if (await joinSharedPage(source, head, seq)) continue;
    // The database is asked once: it answers with all that fits.
    if (isAtDatabase) return page;
    isAtDatabase = true;
    const loaded = await load(source, head, seq, last, LIMITS.pageBytes - sizeBytes, page.length === 0);
    page.push(...loaded);
    sizeBytes += loaded.reduce((sum, entry) => sum + sizeOf(entry), 0);
    if (loaded.length === 0) return page;
    seq += loaded.length;
  }
  return page;
}

/**
 * Takes the page that holds `seq` from the cache nodes share, if it is there and ends in the hash the database has at its last position: the entries before that
 * are then the journal's own. True when `seq` is in this process's cache now.
 */
async function joinSharedPage(
  { metadata, entries, pages = NO_PAGE_CACHE }: JournalSource,
  head: NamespaceHead,
  seq: number,
): Promise<boolean> {
  const full = fullPageOf(seq, head);
  if (full === undefined) return false;
  const { namespaceId, recoveryEpoch } = head;
  const shared = await pages.get(namespaceId, recoveryEpoch, full.page);
  if (shared === undefined) return false;
  if ((await hashAt(metadata, namespaceId, full.last)) !== shared.at(-1)?.hash) {
    pages.drop(namespaceId, recoveryEpoch, full.page);
    return false;
  }
  for (const entry of shared) entries.put(namespaceId, recoveryEpoch, entry);
  return entries.get(namespaceId, recoveryEpoch, seq) !== undefined;
}

/** Entries from `first` on, as many as fit into `budgetBytes` (at least one when `mustLoadOne`), checked against their own hashes. */
async function load(
  { metadata, entries, pages = NO_PAGE_CACHE }: JournalSource,
  head: NamespaceHead,
  first: number,
  last: number,
  budgetBytes: number,
  mustLoadOne: boolean,
): Promise<CachedEntry[]> {
  const inRange = metadata.read
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
  const loaded = rows.map((row) => {
    const entry = { header: row.header, signature: row.signature, body: row.body };
    const one = { seq: row.seq, entry, prevHash: idOf<Hash>(row.prev_hash), hash: idOf<Hash>(row.hash) };
    const expected = row.seq === 0 ? entryHash(entry) : nextHash(one.prevHash, row.seq, entryHash(entry));
    if (expected !== one.hash) throw new OnefoldError('internal', 'a stored entry does not match its hash');
    entries.put(head.namespaceId, head.recoveryEpoch, one);
    return one;
  });
  sharePages(pages, head, loaded);
  return loaded;
}

/** Hands the whole pages among entries that lie one behind the other to the cache nodes share. */
function sharePages(pages: PageCache, head: NamespaceHead, loaded: readonly CachedEntry[]): void {
  const [first] = loaded;
  if (first === undefined) return;
  for (
    let at = (PAGE_ENTRIES - ((first.seq - 1) % PAGE_ENTRIES)) % PAGE_ENTRIES;
    at + PAGE_ENTRIES <= loaded.length;
    at += PAGE_ENTRIES
  ) {
    const entries = loaded.slice(at, at + PAGE_ENTRIES);
    const full = fullPageOf(entries[0]?.seq ?? 0, head);
    if (full !== undefined) pages.put(head.namespaceId, head.recoveryEpoch, full.page, entries);
  }
}

function sizeOf({ entry }: CachedEntry): number {
  return entry.header.length + entry.signature.length + entry.body.length;
}
