import { sha256 } from '@onefold/journal';
import {
  encodeCbor,
  type CtHash,
  type DeviceId,
  type Hash,
  type NamespaceId,
  type PackId,
  type PackIndexEntry,
  type UploadId,
} from '@onefold/protocol';
import { idBytes } from '../id-bytes.ts';

/** A verified pack whose object is durable, before the metadata knows of it. */
export interface ArrivedPack {
  readonly namespace: NamespaceId;
  readonly packId: PackId;
  readonly device: DeviceId;
  /** The upload its blocks are pinned to; none for a pack that came inside a commit. */
  readonly uploadId: UploadId | undefined;
  readonly objectKey: string;
  /** This arrival made the object: nobody else knows of it until it is recorded. False: its blocks were all stored, and `objectKey` is empty. */
  readonly isNewObject: boolean;
  /** Not later than the object came to be. */
  readonly keptAtMs: number;
  /** Of one that went past the server: its grant, which ends with the recording (direct-grants.ts). */
  readonly claim?: Uint8Array | undefined;
  readonly sizeBytes: number;
  readonly index: readonly PackIndexEntry[];
  readonly indexHash: Hash;
}

/** Hash of a pack's index, which names every block by its hash: equal ones are equal packs. */
export function packIndexHash(index: readonly { readonly ctHash: CtHash; readonly length: number }[]): Hash {
  return sha256(encodeCbor(index.map(({ ctHash, length }) => [idBytes(ctHash), length])));
}
