/* Bytes as a page may show them: text, or an image of a kind every browser draws. What a file is, its bytes say, not its name. */

/** More is not fetched for a look; in base64 it still fits into one message of the control surface. */
export const PREVIEW_BYTES = 5 * 1024 * 1024;
const TEXT_BYTES = 512 * 1024;

export type Preview =
  | { kind: 'text'; text: string; isCut: boolean }
  | { kind: 'image'; mediaType: ImageType; base64: string }
  | { kind: 'none'; why: 'too-large' | 'other-kind' };

type ImageType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp' | 'image/avif' | 'image/bmp';

const latin = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.subarray(from, to)).toString('latin1');

export function previewOf(bytes: Uint8Array): Preview {
  const mediaType = imageType(bytes);
  if (mediaType !== null) return { kind: 'image', mediaType, base64: Buffer.from(bytes).toString('base64') };
  const text = textOf(bytes.subarray(0, TEXT_BYTES), bytes.length > TEXT_BYTES);
  if (text === null) return { kind: 'none', why: 'other-kind' };
  return { kind: 'text', text, isCut: bytes.length > TEXT_BYTES };
}

function imageType(bytes: Uint8Array): ImageType | null {
  const start = latin(bytes, 0, 16);
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (/^GIF8[79]a/.test(start)) return 'image/gif';
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') return 'image/webp';
  if (start.slice(4, 8) === 'ftyp' && /^avi[fs]/.test(start.slice(8))) return 'image/avif';
  return start.startsWith('BM') && bytes.length > 26 && bytes[14] === 40 ? 'image/bmp' : null;
}

/** UTF-8, or UTF-16 that says so; null for anything else. A character that the cut went through is left out. */
function textOf(bytes: Uint8Array, isCut: boolean): string | null {
  const mark = latin(bytes, 0, 2);
  const encoding = mark === '\xff\xfe' ? 'utf-16le' : mark === '\xfe\xff' ? 'utf-16be' : 'utf-8';
  if (encoding === 'utf-8' && bytes.includes(0)) return null;
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: isCut });
  } catch {
    return null;
  }
}
