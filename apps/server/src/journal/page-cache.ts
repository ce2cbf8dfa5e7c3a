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
import { connectRedis, createCircuitBreaker, inBytes, tellSparingly } from '../redis-connection.ts';
import type { CachedEntry } from './entry-cache.ts';

/** Entries of one page; page p holds the positions p * PAGE_ENTRIES + 1 and on. */
export const PAGE_ENTRIES = 128;
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
const DEADLINE_MS = 250;
const LIFE_SECONDS = 24 * 3_600;

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

function encodePage(entries: readonly CachedEntry[]): Uint8Array {
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

/** Pages in Redis. Flushed, stale, slow or gone it costs time only, and little of that. */
export function createRedisPageCache(options: {
  readonly url: string;
  readonly onError: (error: unknown) => void;
  readonly onLookUp: (outcome: PageLookUp) => void;
}): PageCache {
  const client = connectRedis(options.url, tellSparingly(options.onError));
  const bytesClient = inBytes(client);
  const breaker = createCircuitBreaker(DEADLINE_MS, () => performance.now());
  const keyOf = (namespace: NamespaceId, recoveryEpoch: number, page: number): string =>
    `onefold:page:1:${namespace}:${recoveryEpoch}:${page}`;
  return {
    async get(namespace, recoveryEpoch, page) {
      if (!client.isReady) return undefined;
      const bytes = await breaker.attempt(() => bytesClient.get(keyOf(namespace, recoveryEpoch, page)));
      if (bytes === null || bytes === undefined) {
        options.onLookUp('miss');
        return undefined;
      }
      let entries: CachedEntry[] | undefined;
      try {
        entries = decodePage(bytes, page);
      } catch {
        // Bytes of another version, or damaged.
      }
      options.onLookUp(entries === undefined ? 'stale' : 'hit');
      return entries;
    },
    put(namespace, recoveryEpoch, page, entries) {
      if (!client.isReady || breaker.isOpen) return;
      const sizeBytes = entries.reduce((sum, { entry }) => sum + entry.header.length + entry.body.length, 0);
      if (entries.length !== PAGE_ENTRIES || sizeBytes > MAX_PAGE_BYTES) return;
      const bytes = Buffer.from(encodePage(entries));
      void breaker.attempt(() =>
        client.set(keyOf(namespace, recoveryEpoch, page), bytes, {
          expiration: { type: 'EX', value: LIFE_SECONDS },
        }),
      );
    },
    drop(namespace, recoveryEpoch, page) {
      options.onLookUp('stale');
      if (client.isReady) void breaker.attempt(() => client.del(keyOf(namespace, recoveryEpoch, page)));
    },
    close: () => client.destroy(),
  };
}
