import { readSync } from 'node:fs';
import { createSplitter, type SplitterKeys, type SplitterParams } from '@onefold/chunker';

const READ_BYTES = 1024 * 1024;

/** Cuts a stream of bytes into blocks, a segment at a time, in memory of a segment and two blocks. */
export interface SegmentReader {
  /** The next blocks, at least one and about `segmentBytes` of them unless the input ends. They lie in memory that the next call uses again: a
   * buffer for each would be garbage that the collector lets grow to many times a segment. */
  next(segmentBytes: number): { readonly blocks: Uint8Array[]; readonly isEnd: boolean };
}

export function createSegmentReader(descriptor: number, keys: SplitterKeys, params: SplitterParams): SegmentReader {
  const splitter = createSplitter(keys, params);
  const pending = Buffer.allocUnsafeSlow(params.max + READ_BYTES);
  let filled = 0;
  let blockStart = 0;
  let position = 0;
  let isEnd = false;
  let segment = new Uint8Array(0);

  /** Moves what is cut off behind the first `used` bytes of the segment. */
  function take(ends: readonly number[], blocks: Uint8Array[], used: number): number {
    let taken = 0;
    for (const end of ends) {
      const length = end - blockStart;
      segment.set(pending.subarray(taken, taken + length), used + taken);
      blocks.push(segment.subarray(used + taken, used + taken + length));
      taken += length;
      blockStart = end;
    }
    if (taken > 0) {
      pending.copyWithin(0, taken, filled);
      filled -= taken;
    }
    return taken;
  }

  return {
    next(segmentBytes) {
      const blocks: Uint8Array[] = [];
      let gathered = 0;
      // What is pending, and one read, may be cut off after the segment is nearly full.
      const mostBytes = segmentBytes + pending.length;
      if (segment.length < mostBytes) segment = new Uint8Array(mostBytes);
      while (!isEnd && (gathered < segmentBytes || blocks.length === 0)) {
        const read = readSync(descriptor, pending, filled, READ_BYTES, position);
        position += read;
        if (read === 0) {
          isEnd = true;
          take(splitter.finish(), blocks, gathered);
          break;
        }
        const ends = splitter.push(pending.subarray(filled, filled + read));
        filled += read;
        gathered += take(ends, blocks, gathered);
      }
      return { blocks, isEnd };
    },
  };
}

/** Blocks of bytes that lie in memory. */
export function splitBytes(bytes: Uint8Array, keys: SplitterKeys, params: SplitterParams): Uint8Array[] {
  const splitter = createSplitter(keys, params);
  const ends = [...splitter.push(bytes), ...splitter.finish()];
  return ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end));
}
