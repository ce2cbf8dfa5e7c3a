/*
 * Deterministic CBOR (RFC 8949 section 4.2) of the values that nearly everything on the wire is made of, in one pass into one buffer. The library
 * makes an object for every number and text, and encodes each key of a map once more for every comparison.
 */

const FIRST_BYTES = 4_096;
/** More is not kept for the next value. */
const MOST_KEPT_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;
/** Shorter ones are written faster than a call for it takes. */
const SHORT_TEXT = 40;
const PLAIN_KEY = /^[\x20-\x7e]*$/;
const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5 } as const;

const encoder = new TextEncoder();
let buffer = new Uint8Array(FIRST_BYTES);
let length = 0;

/**
 * Its encoding, or null for a value with something else in it than plain objects with keys of printable ASCII, arrays, Uint8Array, strings, safe
 * integers, booleans and null. Keys whose value is undefined are left out.
 */
export function encodePlainCbor(value: unknown): Uint8Array | null {
  length = 0;
  const bytes = write(value, 0) ? buffer.slice(0, length) : null;
  // What is sealed next is not left lying about.
  buffer.fill(0, 0, length);
  if (buffer.length > MOST_KEPT_BYTES) buffer = new Uint8Array(FIRST_BYTES);
  return bytes;
}

/** False where it is of no kind that is encoded here. */
function write(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
      return writeText(value);
    case 'number':
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) return false;
      writeHead(value < 0 ? MAJOR.negative : MAJOR.unsigned, value < 0 ? -1 - value : value);
      return true;
    case 'boolean':
      writeByte(value ? 0xf5 : 0xf4);
      return true;
    case 'object':
      if (value === null) writeByte(0xf6);
      else if (value instanceof Uint8Array) writeBytes(value);
      else if (depth >= MAX_DEPTH) return false;
      else return Array.isArray(value) ? writeArray(value, depth) : writeMap(value, depth);
      return true;
    default:
      return false;
  }
}

function writeArray(items: readonly unknown[], depth: number): boolean {
  writeHead(MAJOR.array, items.length);
  for (const item of items) if (!write(item, depth + 1)) return false;
  return true;
}

function writeMap(map: object, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(map);
  if (prototype !== Object.prototype && prototype !== null) return false;
  const entries = map as Readonly<Record<string, unknown>>;
  const keys = Object.keys(map).filter((key) => entries[key] !== undefined);
  if (!keys.every((key) => PLAIN_KEY.test(key))) return false;
  writeHead(MAJOR.map, keys.length);
  for (const key of keys.sort(inOrder)) if (!writeText(key) || !write(entries[key], depth + 1)) return false;
  return true;
}

/** Bytewise order of their encodings: those begin with the length. */
function inOrder(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

function writeText(text: string): boolean {
  // No code unit takes more than three bytes.
  reserve(9 + 3 * text.length);
  const from = length;
  if (text.length < SHORT_TEXT && writeAscii(text)) return true;
  const guessed = from + headBytes(text.length);
  const { written } = encoder.encodeInto(text, buffer.subarray(guessed));
  // Letters of several bytes may have made the length one of more bytes.
  const at = from + headBytes(written);
  if (at !== guessed) buffer.copyWithin(at, guessed, guessed + written);
  writeHead(MAJOR.text, written);
  length = at + written;
  return true;
}

/** False, with nothing written, where there are other letters in it. */
function writeAscii(text: string): boolean {
  const from = length;
  writeHead(MAJOR.text, text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) {
      length = from;
      return false;
    }
    buffer[length++] = code;
  }
  return true;
}

function writeBytes(bytes: Uint8Array): void {
  writeHead(MAJOR.bytes, bytes.length);
  reserve(bytes.length);
  buffer.set(bytes, length);
  length += bytes.length;
}

/** Of the first byte and what follows it of a number. */
function headBytes(argument: number): number {
  if (argument < 24) return 1;
  return argument < 0x100 ? 2 : argument < 0x10000 ? 3 : argument < 0x100000000 ? 5 : 9;
}

function writeHead(major: number, argument: number): void {
  reserve(9);
  const width = headBytes(argument) - 1;
  buffer[length++] = (major << 5) | (width === 0 ? argument : 24 + Math.log2(width));
  let rest = argument;
  for (let at = length + width - 1; at >= length; at--) {
    buffer[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  length += width;
}

function writeByte(byte: number): void {
  reserve(1);
  buffer[length++] = byte;
}

function reserve(more: number): void {
  if (length + more <= buffer.length) return;
  const grown = new Uint8Array(2 * Math.max(buffer.length, length + more));
  grown.set(buffer.subarray(0, length));
  buffer = grown;
}
