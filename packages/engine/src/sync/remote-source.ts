import { LIMITS } from '@onefold/protocol';
import type { BlockSource, Remote } from '../ports.ts';

/** Sealed bytes asked for at once, which bounds what one answer holds in memory. */
const BYTES_AT_ONCE = 16 * 1024 * 1024;

/** Fetches blocks in as few requests as bounds allow. `fetched` hears of every answer's sealed bytes. */
export function createBlockSource(remote: Remote, fetched: (bytes: number) => void): BlockSource {
  return {
    async fetch(references) {
      const blocks: (Uint8Array | null)[] = [];
      for (let from = 0; from < references.length;) {
        let to = from;
        let bytes = 0;
        while (to < references.length && to - from < LIMITS.blocksPerRead) {
          bytes += references[to]!.ctLength;
          if (to > from && bytes > BYTES_AT_ONCE) break;
          to++;
        }
        const answer = await remote.readBlocks(references.slice(from, to).map((reference) => reference.ctHash));
        fetched(answer.reduce((sum, block) => sum + (block?.length ?? 0), 0));
        blocks.push(...answer);
        from = to;
      }
      return blocks;
    },
  };
}
