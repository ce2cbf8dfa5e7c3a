import {
  decodeCanonicalCbor,
  encodeCbor,
  LIMITS,
  OnefoldError,
  type NamespaceId,
  type NodeId,
} from '@onefold/protocol';
import { doesNotOpen, openCommitted, SEAL_OVERHEAD_BYTES, sealCommitted } from './committed-aead.ts';
import type { RandomBytes } from './key-derivation.ts';
import { paddedLength } from './padded-length.ts';

/*
 * A sealed part is a CBOR map, framed as `length (u32, big endian) | map | zeros` and sealed so that the whole has a Padme length of at least
 * 256 bytes: the server learns about how long a name is, not how long.
 */
const MIN_SEALED_BYTES = 256;
const LENGTH_BYTES = 4;

/** Where a part belongs. All of it is associated data: a part opens nowhere else. */
export interface PartPosition {
  readonly node: NodeId;
  /** Version of the register that the part makes. */
  readonly version: number;
  /** Epoch in the header of the entry that carries it. */
  readonly epoch: number;
}

export type PartType = 'place' | 'content' | 'attributes' | 'label';

/** Fields of newer versions, kept when a part is rewritten so that an older client destroys nothing. */
export type UnknownFields = Readonly<Record<string, unknown>>;

/** Throws `invalid-argument` for a part over LIMITS.sealedPartBytes. */
export function sealPart(
  key: Uint8Array,
  type: PartType,
  namespaceId: NamespaceId,
  at: PartPosition,
  fields: Readonly<Record<string, unknown>>,
  random: RandomBytes,
): Uint8Array {
  if (Object.keys(fields).some(isCritical))
    throw new OnefoldError('invalid-argument', 'a field that nobody could read');
  const map = encodeCbor(fields);
  const sealedLength = paddedLength(Math.max(MIN_SEALED_BYTES, SEAL_OVERHEAD_BYTES + LENGTH_BYTES + map.length));
  if (sealedLength > LIMITS.sealedPartBytes) throw new OnefoldError('invalid-argument', 'a sealed part is too large');
  const plaintext = new Uint8Array(sealedLength - SEAL_OVERHEAD_BYTES);
  new DataView(plaintext.buffer).setUint32(0, map.length);
  plaintext.set(map, LENGTH_BYTES);
  return sealCommitted(key, partContext(type, namespaceId, at), plaintext, random);
}

/**
 * The fields of a part. Throws `seal-corrupt` for whatever is wrong with it, and `unsupported-version` for a critical field: version 1
 * knows none.
 */
export function openPart(
  key: Uint8Array,
  type: PartType,
  namespaceId: NamespaceId,
  at: PartPosition,
  sealed: Uint8Array,
): Record<string, unknown> {
  const plaintext = openCommitted(key, partContext(type, namespaceId, at), sealed);
  const length =
    plaintext.length < LENGTH_BYTES ? -1 : new DataView(plaintext.buffer, plaintext.byteOffset).getUint32(0);
  const end = LENGTH_BYTES + length;
  if (length < 0 || end > plaintext.length || plaintext.subarray(end).some((byte) => byte !== 0)) throw doesNotOpen();
  const fields = decodeFields(plaintext.subarray(LENGTH_BYTES, end));
  if (Object.keys(fields).some(isCritical)) {
    throw new OnefoldError(
      'unsupported-version',
      'a sealed part holds a field that must be understood and is not known here',
    );
  }
  return fields;
}

/** The fields a reader does not know. */
export function unknownFields(
  fields: Readonly<Record<string, unknown>>,
  known: readonly string[],
): { unknown?: UnknownFields } {
  const rest = Object.entries(fields).filter(([name]) => !known.includes(name));
  return rest.length === 0 ? {} : { unknown: Object.fromEntries(rest) };
}

function isCritical(name: string): boolean {
  return name.startsWith('!');
}

function decodeFields(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value = decodeCanonicalCbor(bytes);
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // The same answer as for all that does not open.
  }
  throw doesNotOpen();
}

const LABEL = Buffer.from('onefold/part/v1', 'ascii');
const REGISTERS: Readonly<Record<PartType, number>> = { place: 1, content: 2, attributes: 3, label: 4 };

/** "onefold/part/v1" || namespaceId (32) || node (16) || register (u8) || version (u64) || epoch (u64), integers big endian. */
function partContext(type: PartType, namespaceId: NamespaceId, { node, version, epoch }: PartPosition): Uint8Array {
  const context = Buffer.alloc(LABEL.length + 65);
  context.set(LABEL, 0);
  context.write(namespaceId, LABEL.length, 'hex');
  context.write(node, LABEL.length + 32, 'hex');
  context.writeUInt8(REGISTERS[type], LABEL.length + 48);
  context.writeBigUInt64BE(BigInt(version), LABEL.length + 49);
  context.writeBigUInt64BE(BigInt(epoch), LABEL.length + 57);
  return context;
}
