import {
  fromHex,
  writeHex,
  type DeviceId,
  type Hash,
  type NameTag,
  type NodeId,
  type NodeKind,
  type NodeSnapshot,
} from '@onefold/protocol';
import { sha256, writeU64 } from './hashes.ts';
import type { ParsedChangeset } from './parsed-entry.ts';

/*
 * The leaf of a node: SHA-256 over one digest for each of its registers. A device keeps the digests and nothing else of what a leaf covers, so that a change of
 * one register needs no word about the others.
 */

/** One version of one register, as its leaf has it. */
export interface RegisterWrite {
  readonly node: NodeId;
  readonly version: number;
  /** Position of the entry. */
  readonly seq: number;
  readonly epoch: number;
  readonly device: DeviceId;
  readonly sealedHash: Hash;
}

export interface PlaceWrite extends RegisterWrite {
  readonly kind: NodeKind;
  readonly parent: NodeId;
  readonly nameTag: NameTag;
  readonly hidden: boolean;
}

/** Digests of the three registers; null where the node has none. */
export interface NodeDigests {
  readonly place: Hash;
  readonly content: Hash | null;
  readonly attributes: Hash | null;
}

const KINDS: readonly NodeKind[] = ['file', 'folder', 'link', 'mount'];
const NOTHING = new Uint8Array(32);
const REGISTERS = { place: 1, content: 2, attributes: 3 } as const;

/** node || version || seq || epoch || device || SHA-256(sealed) */
const WRITE_BYTES = 16 + 3 * 8 + 16 + 32;
/** kind || parent || nameTag || hidden */
const PLACE_BYTES = 1 + 16 + 32 + 1;

function writeBytes({ node, version, seq, epoch, device, sealedHash }: RegisterWrite): Uint8Array {
  const bytes = new Uint8Array(WRITE_BYTES);
  let at = writeHex(node, bytes, 0);
  for (const number of [version, seq, epoch]) at = writeU64(number, bytes, at);
  at = writeHex(device, bytes, at);
  writeHex(sealedHash, bytes, at);
  return bytes;
}

function placeBytes({ kind, parent, nameTag, hidden }: PlaceWrite): Uint8Array {
  const bytes = new Uint8Array(PLACE_BYTES);
  bytes[0] = KINDS.indexOf(kind);
  const end = writeHex(nameTag, bytes, writeHex(parent, bytes, 1));
  bytes[end] = hidden ? 1 : 0;
  return bytes;
}

/** SHA-256(1 || node || version || seq || epoch || device || SHA-256(sealed) || kind || parent || nameTag || hidden), numbers as u64, kind and hidden one byte. */
export function placeDigest(write: PlaceWrite): Hash {
  return sha256(Uint8Array.of(REGISTERS.place), writeBytes(write), placeBytes(write));
}

/** SHA-256(2 or 3 || node || version || seq || epoch || device || SHA-256(sealed)). */
export function registerDigest(register: 'content' | 'attributes', write: RegisterWrite): Hash {
  return sha256(Uint8Array.of(REGISTERS[register]), writeBytes(write));
}

/** SHA-256(0 || place || content || attributes), 32 zero bytes for a register that the node has not. */
export function leafOf({ place, content, attributes }: NodeDigests): Hash {
  return sha256(
    Uint8Array.of(0),
    fromHex(place),
    content === null ? NOTHING : fromHex(content),
    attributes === null ? NOTHING : fromHex(attributes),
  );
}

export function digestsOf(row: NodeSnapshot): NodeDigests {
  const { node, kind, parent, nameTag, hidden, place, content, attributes } = row;
  // What is there counts, not what is said of it.
  const sealedHash = content?.sealed === undefined ? content?.sealedHash : sha256(content.sealed);
  return {
    place: placeDigest({ ...place, node, kind, parent, nameTag, hidden, sealedHash: sha256(place.sealed) }),
    content:
      content === null || sealedHash === undefined ? null : registerDigest('content', { ...content, node, sealedHash }),
    attributes:
      attributes === null
        ? null
        : registerDigest('attributes', { ...attributes, node, sealedHash: sha256(attributes.sealed) }),
  };
}

/** What an accepted changeset at `seq` makes of the nodes it touches. `before` answers for nodes that stood before it. */
export function rowsAfter(
  entry: ParsedChangeset,
  seq: number,
  before: (node: NodeId) => NodeSnapshot | undefined,
): Map<NodeId, NodeSnapshot> {
  const rows = new Map<NodeId, NodeSnapshot>();
  const { epoch, device } = entry.header;
  const write = (version: number, sealed: Uint8Array) => ({ version, seq, epoch, device, sealed });
  for (const change of entry.body.changes) {
    const { node } = change;
    if (change.op === 'create') {
      const { kind, parent, nameTag, place, content, attributes } = change;
      rows.set(node, {
        node,
        kind,
        parent,
        nameTag,
        hidden: false,
        place: write(1, place),
        content: content === undefined ? null : write(1, content.sealed),
        attributes: attributes === undefined ? null : write(1, attributes),
      });
      continue;
    }
    const row = rows.get(node) ?? before(node);
    // The predicate saw the node: whoever holds the state as of its head has the row.
    if (row === undefined) continue;
    const written = write(change.base + 1, change.sealed);
    if (change.op === 'place') {
      const { parent, nameTag, hidden } = change;
      rows.set(node, { ...row, parent, nameTag, hidden, place: written });
    } else if (change.op === 'content') rows.set(node, { ...row, content: written });
    else rows.set(node, { ...row, attributes: written });
  }
  return rows;
}
