import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';

/** `length` unpredictable bytes. A port, so that golden vectors can fix it. */
export type RandomBytes = (length: number) => Uint8Array;

export const systemRandom: RandomBytes = (length) => new Uint8Array(randomBytes(length));

const EMPTY_SALT = new Uint8Array(32);

/**
 * HKDF-SHA256 (RFC 5869): `length` bytes from `secret`, info = label (ASCII) || context. Spelled out over createHmac because hkdfSync costs several
 * times as much per call, and every sealed part derives a key.
 */
export function hkdf(
  secret: Uint8Array,
  label: string,
  options: { readonly salt?: Uint8Array; readonly context?: Uint8Array; readonly length?: number } = {},
): Uint8Array {
  const { salt = EMPTY_SALT, context = new Uint8Array(0), length = 32 } = options;
  const pseudorandomKey = createSecretKey(hmacSha256(salt, secret));
  const output = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let counter = 1, filled = 0; filled < length; counter++) {
    block = createHmac('sha256', pseudorandomKey)
      .update(block)
      .update(label, 'ascii')
      .update(context)
      .update(Uint8Array.of(counter))
      .digest();
    output.set(block.subarray(0, length - filled), filled);
    filled += block.length;
  }
  return output;
}

export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hmac = createHmac('sha256', createSecretKey(key));
  for (const part of parts) hmac.update(part);
  return new Uint8Array(hmac.digest());
}

/** Byte equality in a time that does not depend on the bytes. */
export function isEqualSecret(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
