import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Reproducible bytes: SHA-256 in counter mode, so that no run compresses or dedupes better than another. */
export function pseudoRandom(seed: string, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i * 32 < length; i++) parts.push(createHash('sha256').update(`${seed}:${i}`).digest());
  return Buffer.concat(parts).subarray(0, length);
}

/** `count` files of 0.5 to 16 KiB, half text and half noise, 100 in a folder, below `folder`. */
export function makeSmallFiles(folder: string, count: number): void {
  for (let i = 0; i < count; i++) {
    const below = join(folder, String(Math.floor(i / 100)));
    if (i % 100 === 0) mkdirSync(below, { recursive: true });
    const length = 512 + ((i * 7919) % 15_872);
    const bytes =
      i % 2 === 0
        ? pseudoRandom(String(i), length)
        : Buffer.from(`line ${i} of a text file\n`.repeat(Math.ceil(length / 24)));
    writeFileSync(join(below, `file-${i}.dat`), bytes.subarray(0, length));
  }
}

/** One file of noise, written in pieces. Sizes in bytes. */
export function makeLargeFile(path: string, sizeBytes: number): void {
  const file = openSync(path, 'w');
  const piece = pseudoRandom(path.slice(-16), 4 * 1024 * 1024);
  for (let at = 0, i = 0; at < sizeBytes; at += piece.length, i++) {
    piece.writeUInt32BE(i);
    // Noise that never repeats: xor every word of the piece with its number.
    for (let word = 0; word < piece.length; word += 64)
      piece.writeUInt32BE((piece.readUInt32BE(word) ^ (i * 2654435761)) >>> 0, word);
    writeSync(file, piece, 0, Math.min(piece.length, sizeBytes - at));
  }
  closeSync(file);
}

/** Writes a file again with 1,000 bytes put in at `offset`. Renamed over the old one it is an edit as an editor saves it. */
export function writeWithInsert(path: string, edited: string, offset: number): void {
  const source = openSync(path, 'r');
  const target = openSync(edited, 'w');
  const buffer = Buffer.alloc(4 * 1024 * 1024);
  let at = 0;
  while (at < offset)
    at += writeSync(target, buffer, 0, readSync(source, buffer, 0, Math.min(buffer.length, offset - at), at));
  writeSync(target, pseudoRandom('inserted', 1000));
  for (
    let read = readSync(source, buffer, 0, buffer.length, at);
    read > 0;
    read = readSync(source, buffer, 0, buffer.length, at)
  ) {
    writeSync(target, buffer, 0, read);
    at += read;
  }
  closeSync(source);
  closeSync(target);
}
