import { LIMITS, OnefoldError, type NameTag, type NodeId } from '@onefold/protocol';
import { doesNotOpen } from './committed-aead.ts';
import { systemRandom, type RandomBytes } from './key-derivation.ts';
import { nameTag, type NamespaceKeys } from './namespace-keys.ts';
import { openPart, sealPart, unknownFields, type PartPosition, type UnknownFields } from './sealed-part.ts';

/** The sealed half of a place register. */
export interface Place {
  /** The exact bytes of the name; need not be UTF-8. */
  readonly name: Uint8Array;
  readonly unknown?: UnknownFields;
}

const KNOWN = ['name'] as const;

/** Throws `invalid-argument` for a name that no folder can hold. */
export function sealPlace(
  keys: NamespaceKeys,
  at: PartPosition,
  place: Place,
  random: RandomBytes = systemRandom,
): Uint8Array {
  if (!isName(place.name)) throw new OnefoldError('invalid-argument', 'not a name');
  const fields = { ...place.unknown, name: place.name };
  return sealPart(keys.epoch(at.epoch).placeKey, 'place', keys.namespaceId, at, fields, random);
}

/**
 * Throws `seal-corrupt`, also for names that would lead out of a folder: a member who seals `..` or `a/b` is not to be trusted more than a
 * server. Names that only some systems refuse are legal here and escaped there. What opens must still be held against its visible half: `placeMatches`.
 */
export function openPlace(keys: NamespaceKeys, at: PartPosition, sealed: Uint8Array): Place {
  const fields = openPart(keys.epoch(at.epoch).placeKey, 'place', keys.namespaceId, at, sealed);
  const name = fields['name'];
  if (!(name instanceof Uint8Array) || !isName(name)) throw doesNotOpen();
  return { name, ...unknownFields(fields, KNOWN) };
}

/** Is the sealed name the one whose tag the author let the server keep unique? If not, the node is quarantined. */
export function placeMatches(
  keys: NamespaceKeys,
  visible: { readonly parent: NodeId; readonly nameTag: NameTag },
  place: Place,
): boolean {
  return nameTag(keys, visible.parent, place.name) === visible.nameTag;
}

/** 1 to 1,024 bytes, no NUL, no slash, not `.` or `..`. */
export function isName(name: Uint8Array): boolean {
  if (name.length === 0 || name.length > LIMITS.nameBytes) return false;
  if (name.includes(0) || name.includes(0x2f)) return false;
  return name.length > 2 || name.some((byte) => byte !== 0x2e);
}
