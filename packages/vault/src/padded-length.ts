/**
 * The Padme length (Nikitin et al., PURBs, 2019): at most 12 % above, and it leaks O(log log length) bits. The same rule as that of blocks
 * (packages/chunker); the test holds both to the same vectors. `lengthBytes` is an integer from 0 to 2^31 - 1.
 */
export function paddedLength(lengthBytes: number): number {
  if (lengthBytes < 2) return lengthBytes;
  const exponent = 31 - Math.clz32(lengthBytes);
  const mantissaBits = 32 - Math.clz32(exponent);
  const unit = 2 ** Math.max(0, exponent - mantissaBits);
  return Math.ceil(lengthBytes / unit) * unit;
}
