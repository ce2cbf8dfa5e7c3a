import type { NamespaceId, PackId } from '@onefold/protocol';

/** A pack to keep, complete and verified. `generation` makes the object's key unique: keys are never used twice. */
export interface PackObject {
  readonly namespace: NamespaceId;
  readonly packId: PackId;
  readonly bytes: Uint8Array;
}

export interface StoredObject {
  readonly objectKey: string;
  readonly sizeBytes: number;
  /** When it was stored; told by `list` where the store knows it. Objects of unknown age are never swept. */
  readonly storedAtMs?: number;
}

/** An open pack. */
export interface PackReader {
  /** Exactly `length` bytes from `offset`. Throws `not-found` when the object ends before. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Addresses by which devices reach objects past the server, for some minutes each. */
export interface DirectTransfers {
  /** A key that nothing was ever kept under. */
  newKey(pack: Pick<PackObject, 'namespace' | 'packId'>): string;
  /** A PUT that takes exactly the bytes of this length and SHA-256, with these headers. */
  grantPut(
    objectKey: string,
    sizeBytes: number,
    sha256: string,
  ): Promise<{ readonly url: string; readonly headers: Readonly<Record<string, string>> }>;
  grantGet(objectKey: string): Promise<string>;
}

/** What the owner is noted under, beside the packs. */
export const OWNER_KEY = 'onefold-database';

/** NAMESPACE/HOUR/PACK.GENERATION.pack: what every store calls a pack, and nothing else is called. */
export function isPackKey(key: unknown): key is string {
  return typeof key === 'string' && /^[0-9a-f]{64}\/[0-9a-z]+\/[0-9a-f]{32}\.[0-9a-f]+\.pack$/.test(key);
}

/** Where packs rest. */
export interface PackStore {
  /**
   * Keeps a pack: it survives a power cut once this resolves. Throws `server-full` when there is no room, `server-error` for any other
   * failure; then nothing readable is left under a key that was given out.
   */
  put(pack: PackObject): Promise<StoredObject>;
  /** Undefined when there is no such object. */
  open(objectKey: string): Promise<PackReader | undefined>;
  /** Every pack, in no order. What else lies in the same place is nobody's here to see or to touch. */
  list(): AsyncIterable<StoredObject>;
  /** Removes an object; no error when it is gone already. */
  remove(objectKey: string): Promise<void>;
  /**
   * Lets go of what was begun before this moment and never became a pack, where that takes room: a node died while it sent one. Answers of how many. What
   * the next start clears away by itself is not looked for.
   */
  removeUnfinished(beforeMs: number): Promise<number>;
  /** Whom the packs belong to, in the words of `claim`; undefined: nobody has claimed them. */
  owner(): Promise<string | undefined>;
  /** Notes beside the packs whose they are, durably. */
  claim(owner: string): Promise<void>;
  /** Where devices may reach it themselves. */
  readonly direct?: DirectTransfers | undefined;
  close(): Promise<void>;
}
