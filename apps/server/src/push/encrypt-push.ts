import { createCipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';

/* Web Push message encryption, RFC 8291, in the one content coding it allows, aes128gcm of RFC 8188. */

const CURVE = 'prime256v1';
const RECORD_BYTES = 4_096;
/** Ends the plaintext of the last record, RFC 8188 section 2. */
const LAST_RECORD = 0x02;

export interface PushKeys {
  /** The subscriber's public key, uncompressed point of P-256: 65 bytes. */
  readonly p256dh: Uint8Array;
  /** The subscriber's authentication secret: 16 bytes. */
  readonly auth: Uint8Array;
}

/** Chance and the sender's one-time key; given only by tests that know the outcome. */
export interface PushChance {
  readonly salt: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** The body of a push message. Throws when `p256dh` is no point of the curve. */
export function encryptPush(plaintext: Uint8Array, { p256dh, auth }: PushKeys, chance?: PushChance): Uint8Array {
  const sender = createECDH(CURVE);
  if (chance === undefined) sender.generateKeys();
  else sender.setPrivateKey(chance.privateKey);
  // RFC 8291 section 3.4: the subscriber's public key goes before the sender's.
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), p256dh, sender.getPublicKey()]);
  const secret = hkdf(auth, sender.computeSecret(p256dh), info, 32);
  return encodeRecord(plaintext, { secret, salt: chance?.salt ?? randomBytes(16), keyId: sender.getPublicKey() });
}

/** RFC 8188 section 2, for a text that fits into one record. */
export function encodeRecord(
  plaintext: Uint8Array,
  given: { readonly secret: Uint8Array; readonly salt: Uint8Array; readonly keyId: Uint8Array },
): Uint8Array {
  const { secret, salt, keyId } = given;
  const key = hkdf(salt, secret, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = hkdf(salt, secret, Buffer.from('Content-Encoding: nonce\0'), 12);
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  const sealed = Buffer.concat([
    cipher.update(Buffer.concat([plaintext, Buffer.of(LAST_RECORD)])),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  const recordSize = Buffer.alloc(4);
  recordSize.writeUInt32BE(RECORD_BYTES);
  return Buffer.concat([salt, recordSize, Buffer.of(keyId.length), keyId, sealed]);
}

function hkdf(salt: Uint8Array, secret: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, salt, info, length));
}
