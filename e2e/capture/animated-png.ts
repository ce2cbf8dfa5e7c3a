import { crc32 } from 'node:zlib';

/** One step of an animation: a PNG that is laid over what was there. */
export interface AnimationFrame {
  readonly png: Uint8Array;
  /** Where its upper left corner comes to lie. */
  readonly x: number;
  readonly y: number;
  /** How long it stays. */
  readonly delayMs: number;
}

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Joins PNGs of one colour type into an animated one that begins anew for ever (W3C "Portable Network Graphics, Third Edition", section 11.3.6).
 * The first must be as large as the whole. Throws for frames of different kinds.
 */
export function animatePngs(frames: readonly AnimationFrame[]): Buffer {
  const [first] = frames;
  if (first === undefined) throw new Error('an animation has at least one frame');
  const header = headerOf(first.png);
  const parts = [SIGNATURE, chunk('IHDR', header), chunk('acTL', words(frames.length, 0))];
  let sequence = 0;
  for (const { png, x, y, delayMs } of frames) {
    const own = headerOf(png);
    if (!own.subarray(8).equals(header.subarray(8))) throw new Error('all frames need the same kind of pixels');
    const control = Buffer.concat([
      words(sequence++, own.readUInt32BE(0), own.readUInt32BE(4), x, y),
      // The delay is a fraction of a second. Nothing is wiped after a frame, and its pixels replace what was there.
      halfWords(delayMs, 1000),
      Buffer.from([0, 0]),
    ]);
    parts.push(chunk('fcTL', control));
    for (const { type, data } of chunksOf(png)) {
      if (type !== 'IDAT') continue;
      parts.push(png === first.png ? chunk('IDAT', data) : chunk('fdAT', Buffer.concat([words(sequence++), data])));
    }
  }
  parts.push(chunk('IEND', Buffer.alloc(0)));
  return Buffer.concat(parts);
}

/** The chunks of a PNG, in order. */
export function chunksOf(png: Uint8Array): Chunk[] {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw new Error('not a PNG');
  const chunks: Chunk[] = [];
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    chunks.push({ type: bytes.toString('latin1', at + 4, at + 8), data: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

function headerOf(png: Uint8Array): Buffer {
  const [header] = chunksOf(png);
  if (header?.type !== 'IHDR') throw new Error('a PNG begins with its header');
  return header.data;
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([words(data.length), named, words(crc32(named))]);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value, index * 4));
  return bytes;
}

function halfWords(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2));
  return bytes;
}
