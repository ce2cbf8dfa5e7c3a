const MAX_DEPTH = 64;
/** A decoder that fills plain objects would take this key for the object's prototype. */
const PROTOTYPE_KEY: readonly number[] = Array.from('__proto__', (letter) => letter.charCodeAt(0));

/**
 * True for one item in deterministic CBOR (RFC 8949 section 4.2.1) that fills `bytes`, of the kinds this product uses: safe integers, byte and text
 * strings, arrays, maps with text keys, booleans and null. No floats, tags, undefined or indefinite lengths. One pass without
 * allocation: re-encoding to compare costs ten times as much.
 */
export function isDeterministicCbor(bytes: Uint8Array): boolean {
  return itemEnd(bytes, 0, 0) === bytes.length;
}

/** Offset behind the item at `start`, or -1 if it is not deterministic or runs over the end. */
function itemEnd(bytes: Uint8Array, start: number, depth: number): number {
  const first = bytes[start];
  if (first === undefined || depth > MAX_DEPTH) return -1;
  const major = first >> 5;
  if (major === 7) return first === 0xf4 || first === 0xf5 || first === 0xf6 ? start + 1 : -1;
  const width = argumentWidth(first & 0x1f);
  if (width < 0 || start + 1 + width > bytes.length) return -1;
  const argument = width === 0 ? first & 0x1f : readArgument(bytes, start + 1, width);
  if (argument < 0) return -1;
  const from = start + 1 + width;
  switch (major) {
    case 0:
      return from;
    case 1:
      return argument < Number.MAX_SAFE_INTEGER ? from : -1;
    case 2:
      return argument <= bytes.length - from ? from + argument : -1;
    case 3:
      return argument <= bytes.length - from && isUtf8(bytes, from, from + argument) ? from + argument : -1;
    case 4:
      return arrayEnd(bytes, from, argument, depth);
    case 5:
      return mapEnd(bytes, from, argument, depth);
    default:
      return -1;
  }
}

function arrayEnd(bytes: Uint8Array, from: number, count: number, depth: number): number {
  let at = from;
  for (let i = 0; i < count && at >= 0; i++) at = itemEnd(bytes, at, depth + 1);
  return at;
}

function mapEnd(bytes: Uint8Array, from: number, count: number, depth: number): number {
  let at = from;
  let previousFrom = -1;
  let previousEnd = -1;
  for (let i = 0; i < count && at >= 0; i++) {
    if ((bytes[at] ?? 0) >> 5 !== 3) return -1;
    const keyEnd = itemEnd(bytes, at, depth + 1);
    if (keyEnd < 0 || isPrototypeKey(bytes, at, keyEnd)) return -1;
    if (previousFrom >= 0 && !isBefore(bytes, previousFrom, previousEnd, at, keyEnd)) return -1;
    previousFrom = at;
    previousEnd = keyEnd;
    at = itemEnd(bytes, keyEnd, depth + 1);
  }
  return at;
}

/** Bytes of the argument that follow the first byte; -1 for reserved and indefinite forms. */
function argumentWidth(info: number): number {
  if (info < 24) return 0;
  return info > 27 ? -1 : 1 << (info - 24);
}

/** -1 unless the argument needs this width and is a safe integer. */
function readArgument(bytes: Uint8Array, from: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + (bytes[from + i] ?? 0);
  const least = width === 1 ? 24 : 2 ** (4 * width);
  return value >= least && value <= Number.MAX_SAFE_INTEGER ? value : -1;
}

/** Bytewise order of two encoded keys. Equal keys are not in order. */
function isBefore(bytes: Uint8Array, aFrom: number, aEnd: number, bFrom: number, bEnd: number): boolean {
  const length = Math.min(aEnd - aFrom, bEnd - bFrom);
  for (let i = 0; i < length; i++) {
    const difference = (bytes[aFrom + i] ?? 0) - (bytes[bFrom + i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return aEnd - aFrom < bEnd - bFrom;
}

function isPrototypeKey(bytes: Uint8Array, from: number, end: number): boolean {
  return end - from === PROTOTYPE_KEY.length + 1 && PROTOTYPE_KEY.every((byte, i) => bytes[from + 1 + i] === byte);
}

/** Well-formed UTF-8 (Unicode, table 3-7): no overlong form, no surrogate, nothing above U+10FFFF. */
function isUtf8(bytes: Uint8Array, from: number, end: number): boolean {
  let i = from;
  while (i < end) {
    const first = bytes[i++] ?? 0;
    if (first < 0x80) continue;
    const more = first < 0xc2 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 0;
    if (more === 0 || i + more > end) return false;
    const second = bytes[i] ?? 0;
    const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (let k = 1; k < more; k++) if ((bytes[i + k] ?? 0) >> 6 !== 2) return false;
    i += more;
  }
  return true;
}
