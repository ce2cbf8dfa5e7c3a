import type { Hash, NamespaceId, SignedEntry } from '@onefold/protocol';

/** A committed entry with the hashes before and after it. Immutable within one recovery epoch. */
export interface CachedEntry {
  readonly seq: number;
  readonly entry: SignedEntry;
  readonly prevHash: Hash;
  readonly hash: Hash;
}

/** Committed entries by position, least recently used out first, bounded in bytes. Absence is never remembered. */
export interface EntryCache {
  get(namespace: NamespaceId, recoveryEpoch: number, seq: number): CachedEntry | undefined;
  put(namespace: NamespaceId, recoveryEpoch: number, entry: CachedEntry): void;
  forget(namespace: NamespaceId, recoveryEpoch: number, seq: number): void;
  readonly sizeBytes: number;
}

/** What an entry costs beside its bytes: map slots, ids, objects. A rough upper bound. */
const OVERHEAD_BYTES = 600;

export function createEntryCache(maxBytes: number, onLookUp: (isHit: boolean) => void = () => undefined): EntryCache {
  const entries = new Map<string, CachedEntry>();
  let sizeBytes = 0;
  function drop(key: string): void {
    const known = entries.get(key);
    if (known === undefined) return;
    entries.delete(key);
    sizeBytes -= costOf(known);
  }
  return {
    get(namespace, recoveryEpoch, seq) {
      const key = keyOf(namespace, recoveryEpoch, seq);
      const known = entries.get(key);
      onLookUp(known !== undefined);
      if (known === undefined) return undefined;
      entries.delete(key);
      entries.set(key, known);
      return known;
    },
    put(namespace, recoveryEpoch, entry) {
      const cost = costOf(entry);
      if (cost > maxBytes) return;
      const key = keyOf(namespace, recoveryEpoch, entry.seq);
      drop(key);
      entries.set(key, entry);
      sizeBytes += cost;
      for (const oldest of entries.keys()) {
        if (sizeBytes <= maxBytes) break;
        drop(oldest);
      }
    },
    forget: (namespace, recoveryEpoch, seq) => drop(keyOf(namespace, recoveryEpoch, seq)),
    get sizeBytes() {
      return sizeBytes;
    },
  };
}

function keyOf(namespace: NamespaceId, recoveryEpoch: number, seq: number): string {
  return `${namespace}/${recoveryEpoch}/${seq}`;
}

function costOf({ entry }: CachedEntry): number {
  return entry.header.length + entry.signature.length + entry.body.length + OVERHEAD_BYTES;
}
