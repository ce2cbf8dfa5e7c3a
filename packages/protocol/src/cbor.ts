import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import { isDeterministicCbor } from './deterministic-cbor.ts';
import { OnefoldError } from './errors.ts';

const DECODE_OPTIONS = {
  strict: true,
  rejectDuplicateMapKeys: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowNaN: false,
  allowInfinity: false,
  allowBigInt: false,
} as const;

/**
 * Deterministic CBOR (RFC 8949 section 4.2): shortest forms, map keys in bytewise order.
 * Accepts plain objects, arrays, Uint8Array, strings, safe integers, booleans and null. Keys whose value is undefined are left out.
 */
export function encodeCbor(value: unknown): Uint8Array {
  // Under Node the encoder may hand out a Buffer, whose slice() shares memory where that of a Uint8Array copies.
  return new Uint8Array(encode(value, { ...rfc8949EncodeOptions, ignoreUndefinedProperties: true }));
}

/** Decodes one CBOR item that fills `bytes`. Throws `cbor-invalid`. Does not check the order of map keys. */
export function decodeCbor(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, DECODE_OPTIONS) as unknown;
  } catch (cause) {
    throw new OnefoldError('cbor-invalid', 'not valid CBOR', { cause });
  }
}

/** Like decodeCbor, and refuses every encoding but the deterministic one: one meaning, one byte string. */
export function decodeCanonicalCbor(bytes: Uint8Array): unknown {
  if (!isDeterministicCbor(bytes)) throw new OnefoldError('cbor-invalid', 'not deterministic CBOR');
  return decodeCbor(bytes);
}

/** Byte equality; not constant time, so never for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
