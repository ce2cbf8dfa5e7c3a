import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/*
 * SQLite's write-ahead log, as its file format says (https://www.sqlite.org/fileformat2.html#the_write_ahead_log): a header, and frames of a page each, every one
 * of which carries the salts of the header and a checksum over all before it. SQLite reads up to the first frame that is not right and forgets the rest without a
 * word, which is how a crash in the middle of a commit is undone. Damage in the middle looks the same to it, and takes commits that were acknowledged:
 *
 *   right frames | a wrong one | frames with the salts of this log          damaged
 *   right frames | frames with other salts: left from before                sound
 *   right frames | a part of a frame, or the end                            sound: of what came behind nothing is known
 */

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** Whose lowest bit says in which order of bytes the checksums read the words. */
const MAGIC = 0x377f0682;

/** What is damaged in a database's log. A log that is not there, or empty, is sound. Throws what the file system throws. */
export function checkLog(file: string): string[] {
  const handle = openSync(file, 'r');
  try {
    const sizeBytes = fstatSync(handle).size;
    if (sizeBytes < HEADER_BYTES) return [];
    const header = readAt(handle, 0, HEADER_BYTES);
    const magic = header.readUInt32BE(0);
    const isBigEndian = magic === (MAGIC | 1);
    const begun = checksum([0, 0], header.subarray(0, 24), isBigEndian);
    if ((magic !== MAGIC && !isBigEndian) || !isEqual(begun, header, 24))
      return ['the beginning of its log is damaged: nothing of the log is read'];
    return checkFrames(handle, sizeBytes, { header, isBigEndian, begun });
  } finally {
    closeSync(handle);
  }
}

type Sum = readonly [number, number];

function checkFrames(
  handle: number,
  sizeBytes: number,
  { header, isBigEndian, begun }: { readonly header: Buffer; readonly isBigEndian: boolean; readonly begun: Sum },
): string[] {
  const frameBytes = FRAME_HEADER_BYTES + header.readUInt32BE(8);
  const count = Math.floor((sizeBytes - HEADER_BYTES) / frameBytes);
  let sum = begun;
  let wrong: number | undefined;
  let lost = 0;
  for (let at = 0; at < count; at++) {
    const frame = readAt(handle, HEADER_BYTES + at * frameBytes, frameBytes);
    const isOfThisLog = frame.subarray(8, 16).equals(header.subarray(16, 24));
    if (wrong !== undefined) {
      if (isOfThisLog) lost++;
      continue;
    }
    sum = checksum(checksum(sum, frame.subarray(0, 8), isBigEndian), frame.subarray(FRAME_HEADER_BYTES), isBigEndian);
    if (isOfThisLog && isEqual(sum, frame, 16)) continue;
    wrong = at;
    if (isOfThisLog) lost++;
  }
  return lost === 0 ? [] : [`its log is damaged at frame ${wrong ?? 0}: ${lost} frames from there on are not read`];
}

function readAt(handle: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(handle, bytes, 0, length, at);
  return bytes;
}

function isEqual([a, b]: Sum, bytes: Buffer, at: number): boolean {
  return bytes.readUInt32BE(at) === a && bytes.readUInt32BE(at + 4) === b;
}

function checksum([first, second]: Sum, bytes: Buffer, isBigEndian: boolean): Sum {
  let [a, b] = [first, second];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    a = (a + b + (isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at))) >>> 0;
    b = (b + a + (isBigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4))) >>> 0;
  }
  return [a, b];
}
