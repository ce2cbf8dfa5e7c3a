import { entryHash, nextHash } from '@onefold/journal';
import {
  bytesSchema,
  countSchema,
  decodeWire,
  encodeWire,
  hashCodec,
  type Hash,
  type NamespaceHead,
  type NamespaceId,
} from '@onefold/protocol';
import { z } from 'zod';
import type { CachedEntry } from './entry-cache.ts';

/** Entries of one page; page p holds the positions p * PAGE_ENTRIES + 1 and on. */
export const PAGE_ENTRIES = 128;

export type PageLookUp = 'hit' | 'miss' | 'stale';

/**
 * A second-level cache of whole journal pages, shared by all nodes. What it answers is checked here to chain within itself; whoever joins it to a prefix checks
 * that it ends in the hash the database has there.
 */
export interface PageCache {
  get(namespace: NamespaceId, recoveryEpoch: number, page: number): Promise<readonly CachedEntry[] | undefined>;
  /** Does not wait. */
  put(namespace: NamespaceId, recoveryEpoch: number, page: number, entries: readonly CachedEntry[]): void;
  /** What `get` answered was not what stands in the journal. */
  drop(namespace: NamespaceId, recoveryEpoch: number, page: number): void;
  close(): void;
}

export const NO_PAGE_CACHE: PageCache = {
  get: () => Promise.resolve(undefined),
  put: () => undefined,
  drop: () => undefined,
  close: () => undefined,
};

/** The page that holds a position, if head has gone past its end: from then on it never changes. */
export function fullPageOf(seq: number, head: NamespaceHead): { page: number; last: number } | undefined {
  if (seq < 1) return undefined;
  const page = Math.floor((seq - 1) / PAGE_ENTRIES);
  const last = (page + 1) * PAGE_ENTRIES;
  return last <= head.seq ? { page, last } : undefined;
}

const pageSchema = z.array(
  z.object({
    seq: countSchema,
    header: bytesSchema,
    signature: bytesSchema,
    body: bytesSchema,
    prevHash: hashCodec,
  }),
);

/** The bytes that `decodePage` reads. */
export function encodePage(entries: readonly CachedEntry[]): Uint8Array {
  return encodeWire(
    pageSchema,
    entries.map(({ seq, entry, prevHash }) => ({ seq, ...entry, prevHash })),
  );
}

/** Undefined unless it is this page, whole, each entry hashed onto the one before. */
export function decodePage(bytes: Uint8Array, page: number): CachedEntry[] | undefined {
  const rows = decodeWire(pageSchema, bytes);
  if (rows.length !== PAGE_ENTRIES) return undefined;
  let previous: Hash | undefined;
  const entries: CachedEntry[] = [];
  for (const [i, { seq, prevHash, ...entry }] of rows.entries()) {
    if (seq !== page * PAGE_ENTRIES + 1 + i || (previous !== undefined && prevHash !== previous)) return undefined;
    previous = nextHash(prevHash, seq, entryHash(entry));
    entries.push({ seq, entry, prevHash, hash: previous });
  }
  return entries;
}
