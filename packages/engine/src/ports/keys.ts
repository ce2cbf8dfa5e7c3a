import type { ParsedEpoch, UserChain } from '@onefold/journal';
import type { ContentId, DeviceId, EpochBody, NameTag, NodeId, UserId } from '@onefold/protocol';
import type { AttributesValue, BlockReference, Name } from '../core/tree.ts';

/**
 * What a content register's sealed part says. More than LIMITS.inlineReferences references live in manifest blocks. `unseen`: as in RemoteState, where there
 * are any.
 */
export type SealedContent = { readonly unseen?: readonly number[] } & (
  | {
      readonly kind: 'file';
      readonly sizeBytes: number;
      readonly contentId: ContentId;
      readonly references: readonly BlockReference[];
    }
  | {
      readonly kind: 'manifest';
      readonly sizeBytes: number;
      readonly contentId: ContentId;
      readonly manifest: readonly BlockReference[];
    }
  | { readonly kind: 'link'; readonly target: string }
);

export interface RegisterAt {
  readonly node: NodeId;
  readonly version: number;
  readonly epoch: number;
}

/** Opened, or not: a sealed part that does not open is an author's doing and quarantines the node. */
export type Opened<T> = { readonly outcome: 'opened'; readonly value: T } | { readonly outcome: 'corrupt' };

/** Sealing and signing with the keys of one namespace and this device. Synchronous; plaintext names never leave the machine otherwise. */
export interface Sealing {
  readonly device: DeviceId;
  readonly user: UserId;
  nameTag(parent: NodeId, name: Name): NameTag;
  sealPlace(at: RegisterAt, name: Name): Uint8Array;
  openPlace(at: RegisterAt, sealed: Uint8Array): Opened<Name>;
  sealContent(at: RegisterAt, content: SealedContent): Uint8Array;
  openContent(at: RegisterAt, sealed: Uint8Array): Opened<SealedContent>;
  sealAttributes(at: RegisterAt, attributes: AttributesValue): Uint8Array;
  openAttributes(at: RegisterAt, sealed: Uint8Array): Opened<AttributesValue>;
  sealLabel(node: NodeId, label: { readonly name: Name; readonly sizeBytes: number }): Uint8Array;
  openLabel(node: NodeId, sealed: Uint8Array): Opened<{ readonly name: Name; readonly sizeBytes: number }>;
  encodeReferences(references: readonly BlockReference[]): Uint8Array;
  decodeReferences(bytes: Uint8Array): readonly BlockReference[];
  sign(message: Uint8Array): Uint8Array;
}

/** Verified chains of the users in this namespace, kept fresh from the server. */
export interface KeyStore {
  chain(user: UserId, atLeast: number): Promise<UserChain>;
  /** Opens the secret of an epoch that the journal opened, for good, before anything is sealed or opened under it. */
  openEpoch(entry: ParsedEpoch): Promise<void>;
  /** An epoch to follow `epoch`, sealed to these members; nothing is kept of it here. */
  nextEpoch(
    epoch: number,
    members: readonly { readonly user: UserId; readonly generation: number; readonly boxKey: Uint8Array }[],
  ): Promise<EpochBody>;
  /** Plain name of a device for people ("Laptop"), or null. */
  deviceName(device: DeviceId): string | null;
}
