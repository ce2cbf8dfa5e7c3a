import { OnefoldError } from '@onefold/protocol/plain';
import { MAX_BLOCK_BYTES } from './block-limits.ts';

/** Version of the splitting rule. Written into a namespace's genesis; a change of any cut is a new version. */
export const SPLITTER_VERSION = 1;

/** Bytes a cut decision looks at: the 64 bytes right before the cut. */
export const WINDOW_BYTES = 64;

/** Block sizes in bytes. `mean` steers the cut mask (see cutMaskBits); 64 <= min < mean < max <= 4 MiB. */
export interface SplitterParams {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

/** File content. */
export const DEFAULT_SPLITTER: SplitterParams = { min: 1024 * 1024, mean: 1536 * 1024, max: MAX_BLOCK_BYTES };

/** Manifests too long to travel inline. */
export const MANIFEST_SPLITTER: SplitterParams = { min: 4 * 1024, mean: 16 * 1024, max: 64 * 1024 };

/** Throws `invalid-argument` for sizes no splitter can work with; they may come from a genesis someone else wrote. */
export function requireSplitterParams({ min, mean, max }: SplitterParams): void {
  const usable =
    [min, mean, max].every(Number.isSafeInteger) &&
    WINDOW_BYTES <= min &&
    min < mean &&
    mean < max &&
    max <= MAX_BLOCK_BYTES;
  if (!usable)
    throw new OnefoldError('invalid-argument', 'splitter sizes must satisfy 64 <= min < mean < max <= 4 MiB');
}

/**
 * Number of low bits that must be zero for a cut: the integer b for which 2^b is nearest to `mean - min` in ratio, that is
 * floor(log2 d), plus one if d^2 >= 2^(2 floor(log2 d) + 1). Behind `min` blocks end after 2^b further bytes on average, so the true
 * mean is min + 2^b (1 - e^(-(max - min) / 2^b)): 1.5 MiB for the default, about 19.6 KiB for manifests.
 */
export function cutMaskBits({ min, mean }: SplitterParams): number {
  const distance = mean - min;
  const floor = 31 - Math.clz32(distance);
  return distance * distance >= 2 ** (2 * floor + 1) ? floor + 1 : floor;
}
