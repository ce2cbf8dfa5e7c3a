import { OnefoldError } from '@onefold/protocol/plain';

/** Below this every padded length is a safe integer. */
const MAX_LENGTH = 2 ** 52;

/**
 * The Padme length (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019): the
 * smallest length at or above `lengthBytes` whose floating-point form needs no more mantissa bits than its exponent has bits. It
 * adds at most 12 % and leaks O(log log length) bits. Throws `invalid-argument` unless 0 <= lengthBytes <= 2^52.
 */
export function padme(lengthBytes: number): number {
  if (!Number.isSafeInteger(lengthBytes) || lengthBytes < 0 || lengthBytes > MAX_LENGTH) {
    throw new OnefoldError('invalid-argument', 'a length to pad is an integer from 0 to 2^52');
  }
  if (lengthBytes < 2) return lengthBytes;
  const exponent = floorLog2(lengthBytes);
  const mantissaBits = floorLog2(exponent) + 1;
  const unit = 2 ** (exponent - mantissaBits);
  return unit <= 1 ? lengthBytes : Math.ceil(lengthBytes / unit) * unit;
}

function floorLog2(value: number): number {
  return value < 2 ** 32 ? 31 - Math.clz32(value) : 63 - Math.clz32(Math.floor(value / 2 ** 32));
}
