import { LIMITS, OnefoldError, type NodeId } from '@onefold/protocol';
import { doesNotOpen } from './committed-aead.ts';
import { systemRandom, type RandomBytes } from './key-derivation.ts';
import type { NamespaceKeys } from './namespace-keys.ts';
import { openPart, sealPart } from './sealed-part.ts';

/** What other devices are told about a file on its way. Unsigned and for the eye alone: nothing is ever done with it but shown. */
export interface UploadLabel {
  readonly name: Uint8Array;
  /** Exact size in bytes. */
  readonly size: number;
}

/** Sealed with the current epoch's label key; version 0, since nothing has been committed. */
export function sealLabel(
  keys: NamespaceKeys,
  node: NodeId,
  label: UploadLabel,
  random: RandomBytes = systemRandom,
): Uint8Array {
  if (label.name.length > LIMITS.nameBytes || !Number.isSafeInteger(label.size) || label.size < 0) {
    throw new OnefoldError('invalid-argument', 'not a label');
  }
  const at = { node, version: 0, epoch: keys.currentEpoch };
  return sealPart(
    keys.epoch(at.epoch).labelKey,
    'label',
    keys.namespaceId,
    at,
    { name: label.name, size: label.size },
    random,
  );
}

/** Throws `seal-corrupt`, also when the epoch has changed since: the label is then gone, and nothing else. */
export function openLabel(keys: NamespaceKeys, node: NodeId, sealed: Uint8Array): UploadLabel {
  const at = { node, version: 0, epoch: keys.currentEpoch };
  const { name, size } = openPart(keys.epoch(at.epoch).labelKey, 'label', keys.namespaceId, at, sealed);
  if (!(name instanceof Uint8Array) || typeof size !== 'number' || size < 0) throw doesNotOpen();
  return { name, size };
}
