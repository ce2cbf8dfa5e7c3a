import { fromHex, toHex, type NameTag, type NamespaceId, type NodeId } from '@onefold/protocol';
import { hkdf, hmacSha256 } from './key-derivation.ts';
import { currentEpochOf, epochSecretOf, type NamespaceSecrets } from './namespace-secrets.ts';

/** Keys of one epoch, 32 bytes each. Each seals one kind of thing. */
export interface EpochKeys {
  readonly blockKey: Uint8Array;
  readonly manifestBlockKey: Uint8Array;
  readonly placeKey: Uint8Array;
  readonly contentKey: Uint8Array;
  readonly attributesKey: Uint8Array;
  readonly labelKey: Uint8Array;
}

/** Every key of a namespace, 32 bytes each. What comes from L stays for life, so that a rotation never forces a file to be sent again. */
export interface NamespaceKeys {
  readonly namespaceId: NamespaceId;
  readonly splitterSecret: Uint8Array;
  readonly manifestSplitterSecret: Uint8Array;
  readonly blockIdKey: Uint8Array;
  readonly manifestBlockIdKey: Uint8Array;
  readonly nameTagKey: Uint8Array;
  readonly currentEpoch: number;
  /** Throws `key-missing`. */
  epoch(epoch: number): EpochKeys;
}

export function deriveNamespaceKeys(secrets: NamespaceSecrets): NamespaceKeys {
  const { lifetime } = secrets;
  const derived = new Map<number, EpochKeys>();
  return {
    namespaceId: secrets.namespaceId,
    splitterSecret: hkdf(lifetime, 'onefold/namespace/v1/splitter'),
    manifestSplitterSecret: hkdf(lifetime, 'onefold/namespace/v1/manifest-splitter'),
    blockIdKey: hkdf(lifetime, 'onefold/namespace/v1/block-id'),
    manifestBlockIdKey: hkdf(lifetime, 'onefold/namespace/v1/manifest-block-id'),
    nameTagKey: hkdf(lifetime, 'onefold/namespace/v1/name-tag'),
    currentEpoch: currentEpochOf(secrets),
    epoch(epoch) {
      const known = derived.get(epoch);
      if (known !== undefined) return known;
      const secret = epochSecretOf(secrets, epoch);
      const keys: EpochKeys = {
        blockKey: hkdf(secret, 'onefold/epoch/v1/block'),
        manifestBlockKey: hkdf(secret, 'onefold/epoch/v1/manifest-block'),
        placeKey: hkdf(secret, 'onefold/epoch/v1/place'),
        contentKey: hkdf(secret, 'onefold/epoch/v1/content'),
        attributesKey: hkdf(secret, 'onefold/epoch/v1/attributes'),
        labelKey: hkdf(secret, 'onefold/epoch/v1/label'),
      };
      derived.set(epoch, keys);
      return keys;
    },
  };
}

/** HMAC-SHA256(nameTagKey, parent (16 bytes) || exact name bytes): what keeps two children of one name apart without telling the name. */
export function nameTag(keys: Pick<NamespaceKeys, 'nameTagKey'>, parent: NodeId, name: Uint8Array): NameTag {
  return toHex(hmacSha256(keys.nameTagKey, fromHex(parent), name)) as NameTag;
}
