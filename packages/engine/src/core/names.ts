import { OnefoldError } from '@onefold/protocol/plain';
import type { Name, RelPath } from './tree.ts';

/** Longest name the usual file systems hold, in bytes. */
export const MAX_NAME_BYTES = 255;

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const ANY_SURROGATE = /[\ud800-\udfff]/;

/**
 * A name as text. What is not UTF-8 becomes lone surrogates U+DC80..U+DCFF, one per byte (the scheme of PEP 383), so that encodeName gives
 * back the same bytes. UTF-8 itself can never hold these code points, so no two byte strings share a text.
 */
export function decodeName(bytes: Uint8Array): Name {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return decodeLoosely(bytes);
  }
}

/** The bytes of a name. Throws `name-illegal` for a text that decodeName cannot have made. */
export function encodeName(name: Name): Uint8Array {
  if (!ANY_SURROGATE.test(name)) return encoder.encode(name);
  const bytes: number[] = [];
  for (const character of name) {
    const code = character.codePointAt(0)!;
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code & 0xff);
    // Any other half of a character becomes what no name gives back.
    else bytes.push(...encoder.encode(character));
  }
  const result = Uint8Array.from(bytes);
  if (decodeName(result) !== name) throw new OnefoldError('name-illegal', 'a name in a form that no disk gives');
  return result;
}

/** Length of the name on disk, in bytes. */
export function nameBytes(name: Name): number {
  let length = 0;
  for (const character of name) {
    const code = character.codePointAt(0)!;
    if (code < 0x80 || (code >= 0xdc80 && code <= 0xdcff)) length += 1;
    else if (code < 0x800) length += 2;
    else length += code < 0x10000 ? 3 : 4;
  }
  return length;
}

/**
 * Whether a name may stand on a disk at all. Names from members are untrusted: one that would climb out of its folder, or into the
 * product's own, is refused whatever its case.
 */
export function isLegalName(name: Name, isTopLevel: boolean): boolean {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) return false;
  if (isTopLevel && name.normalize('NFKC').toLowerCase() === '.onefold') return false;
  try {
    encodeName(name);
    return true;
  } catch {
    return false;
  }
}

export function joinPath(folder: RelPath, name: Name): RelPath {
  return folder === '' ? name : `${folder}/${name}`;
}

/** The folder a path lies in; "" for a top-level path. */
export function parentPath(path: RelPath): RelPath {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

export function lastName(path: RelPath): Name {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** As many whole characters from the front as fit into `limit` of what `measure` counts. */
export function clip(text: string, limit: number, measure: (text: string) => number): string {
  let length = 0;
  let end = 0;
  for (const character of text) {
    length += measure(character);
    if (length > limit) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function decodeLoosely(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes[at]!);
    const decoded = tryDecode(bytes.subarray(at, at + length));
    if (decoded === null) text += String.fromCharCode(0xdc00 + bytes[at]!);
    else text += decoded;
    at += decoded === null ? 1 : length;
  }
  return text;
}

function tryDecode(piece: Uint8Array): string | null {
  try {
    return strictDecoder.decode(piece);
  } catch {
    return null;
  }
}

function sequenceLength(lead: number): number {
  if (lead < 0xc2) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}
