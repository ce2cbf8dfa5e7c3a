import { freeNow, OnefoldError } from '@onefold/protocol/plain';
import type { SplitterKeys } from './splitter-keys.ts';
import { cutMaskBits, requireSplitterParams, WINDOW_BYTES, type SplitterParams } from './splitter-parameters.ts';
import { BATCH_WINDOWS, encryptedDigests } from './window-digests.ts';

/**
 * Finds the ends of blocks in one stream of bytes. Offsets are absolute, counted from the first byte pushed, ascending, and depend on
 * the bytes alone, not on how they were sliced into pushes.
 */
export interface Splitter {
  /** Ends of blocks known by now and not returned before. What lies behind the last one is always shorter than `max`. */
  push(bytes: Uint8Array): number[];
  /** The remaining ends; the last one is the length of the input. Empty if nothing was pushed. Nothing may be pushed afterwards. */
  finish(): number[];
}

/**
 * States:
 *
 *   skipping  -- enough bytes of this block seen -->  gathering windows  -- batch full, max reached or finish -->  deciding
 *      ^                                                 ^                                                            |
 *      |                                                 '------------- next decision within 64 bytes ---------------|
 *      '------------------------------------------------------------------- a cut, and min bytes to skip ------------'
 *
 * Invariants: `pending[0 .. filled)` holds the input from `nextEnd - 64` on; no end before `nextEnd` is undecided; nothing is taken in
 * beyond `blockStart + max` before a decision. Since min >= 64, the window of an admissible end lies within its block, and its digest
 * depends on those 64 bytes alone, never on earlier cuts: after a change the cuts fall in step again.
 *
 * Throws `invalid-argument` for unusable sizes.
 */
export function createSplitter(keys: SplitterKeys, params: SplitterParams): Splitter {
  requireSplitterParams(params);
  const { min, max } = params;
  const mask = 2 ** cutMaskBits(params) - 1;
  let pending: Uint8Array | undefined;
  let filled = 0;
  let received = 0;
  let blockStart = 0;
  let nextEnd = min;
  let finished = false;

  function push(bytes: Uint8Array): number[] {
    if (finished) throw new OnefoldError('invalid-argument', 'the splitter has been finished');
    const ends: number[] = [];
    let at = 0;
    while (at < bytes.length) {
      const wantedFrom = nextEnd - WINDOW_BYTES + filled;
      const skipped = Math.min(bytes.length - at, wantedFrom - received);
      at += skipped;
      received += skipped;
      if (at === bytes.length) break;

      pending ??= new Uint8Array(BATCH_WINDOWS + WINDOW_BYTES - 1);
      const room = Math.min(pending.length - filled, blockStart + max - received);
      const taken = Math.min(bytes.length - at, room);
      pending.set(bytes.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      received += taken;
      if (taken === room) decide(pending, ends);
    }
    return ends;
  }

  function finish(): number[] {
    if (finished) throw new OnefoldError('invalid-argument', 'the splitter has been finished');
    finished = true;
    const ends: number[] = [];
    if (pending !== undefined) decide(pending, ends);
    pending = undefined;
    if (received > blockStart) ends.push(received);
    return ends;
  }

  /** Decides all ends whose windows are complete, and keeps the bytes that later windows need. */
  function decide(input: Uint8Array, ends: number[]): void {
    const windows = filled - WINDOW_BYTES + 1;
    if (windows <= 0) return;
    const words = encryptedDigests(keys, input, windows);
    const firstEnd = nextEnd;
    while (nextEnd <= received) {
      const cut = firstCut(words, mask, nextEnd - firstEnd, received - firstEnd);
      if (cut === undefined && received < blockStart + max) {
        nextEnd = received + 1;
        break;
      }
      blockStart = cut === undefined ? received : firstEnd + cut;
      ends.push(blockStart);
      nextEnd = blockStart + min;
    }
    freeNow(words);
    const kept = Math.max(0, received - (nextEnd - WINDOW_BYTES));
    input.copyWithin(0, filled - kept, filled);
    filled = kept;
  }

  return { push, finish };
}

/** First window in [from, to] whose encrypted digest begins with zeros under the mask. */
function firstCut(words: Int32Array, mask: number, from: number, to: number): number | undefined {
  for (let at = 4 * from; at <= 4 * to; at += 4) {
    if (((words[at] as number) & mask) === 0) return at / 4;
  }
  return undefined;
}
