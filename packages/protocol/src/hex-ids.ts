import { OnefoldError } from './errors.ts';

declare const brand: unique symbol;
type Branded<B extends string> = string & { readonly [brand]: B };

/*
 * In memory every id is lowercase hex, so that it can be a map key; on the wire it is raw bytes.
 * The codecs of ids.ts are the one place that translates.
 */
export type UserId = Branded<'UserId'>; // 16 bytes
export type DeviceId = Branded<'DeviceId'>; // 16 bytes
export type NodeId = Branded<'NodeId'>; // 16 bytes
export type OpId = Branded<'OpId'>; // 16 bytes
export type UploadId = Branded<'UploadId'>; // 16 bytes
export type PackId = Branded<'PackId'>; // 16 bytes
export type NamespaceId = Branded<'NamespaceId'>; // 32 bytes
export type Hash = Branded<'Hash'>; // 32 bytes, SHA-256
export type CtHash = Branded<'CtHash'>; // 32 bytes, SHA-256 of a sealed block
export type BlockId = Branded<'BlockId'>; // 32 bytes, HMAC-SHA256 of a plaintext block; members only
export type ContentId = Branded<'ContentId'>; // 32 bytes, SHA-256 over ordered (blockId, plainLength)
export type NameTag = Branded<'NameTag'>; // 32 bytes, HMAC-SHA256 of parent and name

/** The folder that every top-level node has as its parent. Never a node itself. */
export const ROOT_NODE = '00000000000000000000000000000000' as NodeId;

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lowercase hex of any bytes. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte];
  return text;
}

const NO_DIGIT = 0xff;

/** What each code unit below 128 is worth as a digit. */
const DIGITS = new Uint8Array(128).fill(NO_DIGIT);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  DIGITS[digit.charCodeAt(0)] = value;
  DIGITS[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Bytes of a lowercase or uppercase hex text. Throws `invalid-argument` for anything else. */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >>> 1);
  writeHex(text, bytes, 0);
  return bytes;
}

/** Writes the bytes of a hex text where there is room for them, and answers where they end. Throws as `fromHex`. */
export function writeHex(text: string, into: Uint8Array, at: number): number {
  const end = at + (text.length >>> 1);
  let isHex = text.length % 2 === 0;
  for (let i = at, from = 0; isHex && i < end; i++, from += 2) {
    const high = DIGITS[text.charCodeAt(from)] ?? NO_DIGIT;
    const low = DIGITS[text.charCodeAt(from + 1)] ?? NO_DIGIT;
    isHex = high !== NO_DIGIT && low !== NO_DIGIT;
    into[i] = (high << 4) | low;
  }
  if (!isHex) throw new OnefoldError('invalid-argument', 'not a hex text');
  return end;
}

/** True for lowercase hex of exactly `byteLength` bytes: the in-memory shape of an id. */
export function isHexId(text: string, byteLength: number): boolean {
  return text.length === byteLength * 2 && /^[0-9a-f]*$/.test(text);
}
