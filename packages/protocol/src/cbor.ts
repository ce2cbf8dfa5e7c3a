import { decode, encode, rfc8949EncodeOptions, Tokenizer, type Token } from 'cborg';
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

const TEXT = 3;
const MARK = '\ufeff';
/** Bytes of the argument behind the first byte of an item, by its low five bits. */
const ARGUMENT_BYTES: Readonly<Record<number, number>> = { 24: 1, 25: 2, 26: 4, 27: 8 };

/** The library's decoder of text takes a byte order mark at its beginning away; it belongs to the text like any other character. */
class MarkKeepingTokenizer extends Tokenizer {
  override next(): Token {
    const at = this.pos();
    const token = super.next();
    if (
      token.type.major === TEXT &&
      isMarkAt(this.data, at + 1 + (ARGUMENT_BYTES[(this.data[at] ?? 0) & 31] ?? 0), this.pos())
    )
      token.value = `${MARK}${String(token.value)}`;
    return token;
  }
}

function isMarkAt(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 3 <= end && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf;
}

function hasMark(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0xef); at >= 0; at = bytes.indexOf(0xef, at + 1))
    if (isMarkAt(bytes, at, bytes.length)) return true;
  return false;
}

/** Decodes one CBOR item that fills `bytes`. Throws `cbor-invalid`. Does not check the order of map keys. */
export function decodeCbor(bytes: Uint8Array): unknown {
  try {
    if (hasMark(bytes))
      return decode(bytes, {
        ...DECODE_OPTIONS,
        tokenizer: new MarkKeepingTokenizer(bytes, DECODE_OPTIONS),
      }) as unknown;
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
