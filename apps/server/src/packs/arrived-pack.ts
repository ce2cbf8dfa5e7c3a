import type { DeviceId, Hash, NamespaceId, PackId, PackIndexEntry, UploadId } from '@onefold/protocol';

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
  readonly sizeBytes: number;
  readonly index: readonly PackIndexEntry[];
  readonly indexHash: Hash;
}
