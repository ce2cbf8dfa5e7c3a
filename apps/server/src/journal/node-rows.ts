import { digestsOf, leafOf, sha256 } from '@onefold/journal';
import {
  decodeCbor,
  encodeCbor,
  fromHex,
  type DeviceId,
  type Hash,
  type NameTag,
  type NodeId,
  type NodeKind,
  type NodeSnapshot,
} from '@onefold/protocol';
import { idOf } from '../id-bytes.ts';

/*
 * A node as node_row keeps it: CBOR [kind, parent, nameTag, hidden, place, content, attributes], a register as [version, seq, epoch, device, sealed], of content
 * SHA-256(sealed) in place of the sealed part, which file_version holds.
 */

type Packed = readonly [version: number, seq: number, epoch: number, device: Uint8Array, bytes: Uint8Array];

export function packRow({ kind, parent, nameTag, hidden, place, content, attributes }: NodeSnapshot): Uint8Array {
  return encodeCbor([
    kind,
    fromHex(parent),
    fromHex(nameTag),
    hidden,
    packRegister(place, place.sealed),
    content === null ? null : packRegister(content, fromHex(contentHash(content))),
    attributes === null ? null : packRegister(attributes, attributes.sealed),
  ]);
}

function packRegister(
  { version, seq, epoch, device }: Omit<NodeSnapshot['place'], 'sealed'>,
  bytes: Uint8Array,
): Packed {
  return [version, seq, epoch, fromHex(device), bytes];
}

export function unpackRow(node: NodeId, bytes: Uint8Array): NodeSnapshot {
  const [kind, parent, nameTag, hidden, place, content, attributes] = decodeCbor(bytes) as [
    NodeKind,
    Uint8Array,
    Uint8Array,
    boolean,
    Packed,
    Packed | null,
    Packed | null,
  ];
  return {
    node,
    kind,
    parent: idOf<NodeId>(parent),
    nameTag: idOf<NameTag>(nameTag),
    hidden,
    place: { ...unpackRegister(place), sealed: place[4] },
    content: content === null ? null : { ...unpackRegister(content), sealedHash: idOf<Hash>(content[4]) },
    attributes: attributes === null ? null : { ...unpackRegister(attributes), sealed: attributes[4] },
  };
}

function unpackRegister([version, seq, epoch, device]: Packed) {
  return { version, seq, epoch, device: idOf<DeviceId>(device) };
}

function contentHash({ sealed, sealedHash }: NonNullable<NodeSnapshot['content']>): Hash {
  return sealedHash ?? sha256(sealed ?? new Uint8Array());
}

/** Position of the entry that last changed it. */
export function lastSeqOf({ place, content, attributes }: NodeSnapshot): number {
  return Math.max(place.seq, content?.seq ?? 0, attributes?.seq ?? 0);
}

export function leafOfRow(row: NodeSnapshot): Hash {
  return leafOf(digestsOf(row));
}
