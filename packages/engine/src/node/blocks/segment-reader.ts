import { readSync } from 'node:fs';
import { createSplitter, type SplitterKeys, type SplitterParams } from '@onefold/chunker';

const READ_BYTES = 1024 * 1024;

/** Cuts a stream of bytes into blocks, a segment at a time, in memory of a segment and one block. */
export interface SegmentReader {
  /** The next blocks, at least one and about `segmentBytes` of them unless the input ends. Each is a buffer of its own. */
  next(segmentBytes: number): { readonly blocks: Uint8Array[]; readonly isEnd: boolean };
}

export function createSegmentReader(descriptor: number, keys: SplitterKeys, params: SplitterParams): SegmentReader {
  const splitter = createSplitter(keys, params);
  const pending = Buffer.allocUnsafeSlow(params.max + READ_BYTES);
  let filled = 0;
  let blockStart = 0;
  let position = 0;
  let isEnd = false;

  function take(ends: readonly number[], blocks: Uint8Array[]): number {
    let taken = 0;
    for (const end of ends) {
      const length = end - blockStart;
      blocks.push(Uint8Array.prototype.slice.call(pending, taken, taken + length));
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
      while (!isEnd && (gathered < segmentBytes || blocks.length === 0)) {
        const read = readSync(descriptor, pending, filled, READ_BYTES, position);
        position += read;
        if (read === 0) {
          isEnd = true;
          take(splitter.finish(), blocks);
          break;
        }
        const ends = splitter.push(pending.subarray(filled, filled + read));
        filled += read;
        gathered += take(ends, blocks);
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
