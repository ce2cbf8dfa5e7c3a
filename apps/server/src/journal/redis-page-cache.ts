import type { NamespaceId } from '@onefold/protocol';
import { connectRedis, createCircuitBreaker, inBytes, tellSparingly } from '../redis-connection.ts';
import type { CachedEntry } from './entry-cache.ts';
import { decodePage, encodePage, PAGE_ENTRIES, type PageCache, type PageLookUp } from './page-cache.ts';

const MAX_PAGE_BYTES = 4 * 1024 * 1024;
const DEADLINE_MS = 250;
const LIFE_SECONDS = 24 * 3_600;

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
