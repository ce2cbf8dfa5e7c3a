import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519';
import { concatBytes, encodeCbor } from '@onefold/protocol';
import { doesNotOpen } from './committed-aead.ts';
import { isEqualSecret, type RandomBytes } from './key-derivation.ts';

/*
 *   0x01 | enc (32) | commitment (32) | ciphertext | tag (16)
 *
 * HPKE base mode (RFC 9180), DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message per context; info = "onefold/wrap/v1",
 * associated data = the context below. commitment = Export("onefold/wrap/v1/commitment" || associated data, 32): it is bound to the exporter
 * secret and so to the key. Base mode does not say who sealed: what is opened must be held against something signed.
 */
const FORMAT = 1;
const KEY_BYTES = 32;
const COMMITMENT_BYTES = 32;
const HEADER_BYTES = 1 + KEY_BYTES + COMMITMENT_BYTES;
const INFO = Buffer.from('onefold/wrap/v1', 'ascii');
const COMMITMENT_LABEL = Buffer.from('onefold/wrap/v1/commitment', 'ascii');

const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/** What a wrap is for. Every field is in the associated data, in this order. */
export interface WrapContext {
  readonly type: 'user-keys' | 'device-name' | 'namespace-name' | 'namespace-secrets' | 'epoch-secret';
  /** Raw id of what the secret belongs to: a user, a namespace, or the operation that opens a namespace. */
  readonly owner: Uint8Array;
  /** Raw id of the receiving user, device or thing named; or which derived key receives. */
  readonly recipient: Uint8Array | 'login' | 'phrase';
  /** Generation of user keys, of the secret itself or of the keys it is sealed to. */
  readonly generation: number;
  /** Epoch of the namespace; 0 where there is none. */
  readonly epoch: number;
}

/** Seals to an X25519 public key of 32 bytes. */
export async function wrap(
  publicKey: Uint8Array,
  context: WrapContext,
  plaintext: Uint8Array,
  random: RandomBytes,
): Promise<Uint8Array> {
  const associatedData = encodeContext(context);
  const recipientPublicKey = await suite.kem.deserializePublicKey(Uint8Array.from(publicKey));
  const sender = await suite.createSenderContext({ recipientPublicKey, info: INFO, ekm: random(KEY_BYTES) });
  const ciphertext = await sender.seal(Uint8Array.from(plaintext), associatedData);
  const commitment = await sender.export(concatBytes(COMMITMENT_LABEL, associatedData), COMMITMENT_BYTES);
  return concatBytes(
    Uint8Array.of(FORMAT),
    new Uint8Array(sender.enc),
    new Uint8Array(commitment),
    new Uint8Array(ciphertext),
  );
}

/** Opens with the X25519 private key (32 bytes). Throws `seal-corrupt` for anything but what was sealed for this context. */
export async function unwrap(seed: Uint8Array, context: WrapContext, sealed: Uint8Array): Promise<Uint8Array> {
  if (sealed.length < HEADER_BYTES || sealed[0] !== FORMAT) throw doesNotOpen();
  try {
    const associatedData = encodeContext(context);
    const recipientKey = await suite.kem.deserializePrivateKey(Uint8Array.from(seed));
    const recipient = await suite.createRecipientContext({
      recipientKey,
      enc: sealed.slice(1, 1 + KEY_BYTES),
      info: INFO,
    });
    const commitment = await recipient.export(concatBytes(COMMITMENT_LABEL, associatedData), COMMITMENT_BYTES);
    if (!isEqualSecret(new Uint8Array(commitment), sealed.subarray(1 + KEY_BYTES, HEADER_BYTES))) throw doesNotOpen();
    return new Uint8Array(await recipient.open(sealed.slice(HEADER_BYTES), associatedData));
  } catch {
    throw doesNotOpen();
  }
}

/** Deterministic CBOR [1, type, owner, recipient, generation, epoch]. */
function encodeContext({ type, owner, recipient, generation, epoch }: WrapContext): Uint8Array {
  return encodeCbor([FORMAT, type, owner, recipient, generation, epoch]);
}
