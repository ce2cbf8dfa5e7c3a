import { createDecipheriv, createHmac, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';

/*
 * Opens sealed parts and wraps by docs/FORMAT.md alone: no code of this package, no HPKE library. The golden vectors are read with it, so that the
 * document is known to be enough.
 */

const ascii = (text: string): Buffer => Buffer.from(text, 'ascii');

export function readSealed(secret: Uint8Array, associatedData: Uint8Array, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed);
  const info = Buffer.concat([ascii('onefold/sealed/v1'), bytes.subarray(1, 25), associatedData, Buffer.from([1])]);
  const derived = createHmac('sha512', secret).update(info).digest();
  if (bytes[0] !== 1 || !derived.subarray(32).equals(bytes.subarray(25, 57)))
    throw new Error('not what was committed to');
  return openGcm(derived.subarray(0, 32), Buffer.alloc(12), associatedData, bytes.subarray(57));
}

/** The text of a framed part: the CBOR map between length and padding. */
export function readFrame(plaintext: Buffer): Buffer {
  return plaintext.subarray(4, 4 + plaintext.readUInt32BE(0));
}

/** HPKE base mode of RFC 9180 with KEM 0x0020, KDF 0x0001, AEAD 0x0002, written out. */
export function readWrap(privateKey: Uint8Array, associatedData: Uint8Array, wrapped: Uint8Array): Buffer {
  const bytes = Buffer.from(wrapped);
  const enc = bytes.subarray(1, 33);
  const kem = Buffer.concat([ascii('KEM'), Buffer.from([0, 0x20])]);
  const suite = Buffer.concat([ascii('HPKE'), Buffer.from([0, 0x20, 0, 0x01, 0, 0x02])]);
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), privateKey]),
    format: 'der',
    type: 'pkcs8',
  });
  const own = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(12);
  const ephemeral = createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), enc]),
    format: 'der',
    type: 'spki',
  });
  const shared = labeledExtract(kem, '', 'eae_prk', diffieHellman({ privateKey: key, publicKey: ephemeral }));
  const secret = labeledExpand(kem, shared, 'shared_secret', Buffer.concat([enc, own]), 32);

  const schedule = Buffer.concat([
    Buffer.from([0]),
    labeledExtract(suite, '', 'psk_id_hash', Buffer.alloc(0)),
    labeledExtract(suite, '', 'info_hash', ascii('onefold/wrap/v1')),
  ]);
  const root = labeledExtract(suite, secret, 'secret', Buffer.alloc(0));
  const exporter = labeledExpand(suite, root, 'exp', schedule, 32);
  const context = Buffer.concat([ascii('onefold/wrap/v1/commitment'), associatedData]);
  const commitment = labeledExpand(suite, exporter, 'sec', context, 32);
  if (bytes[0] !== 1 || !commitment.equals(bytes.subarray(33, 65))) throw new Error('not what was committed to');
  const aeadKey = labeledExpand(suite, root, 'key', schedule, 32);
  const nonce = labeledExpand(suite, root, 'base_nonce', schedule, 12);
  return openGcm(aeadKey, nonce, associatedData, bytes.subarray(65));
}

function openGcm(key: Buffer, iv: Buffer, associatedData: Uint8Array, ciphertext: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 }).setAAD(associatedData);
  decipher.setAuthTag(ciphertext.subarray(ciphertext.length - 16));
  return Buffer.concat([decipher.update(ciphertext.subarray(0, ciphertext.length - 16)), decipher.final()]);
}

function labeledExtract(suite: Buffer, salt: Buffer | '', label: string, input: Buffer): Buffer {
  const key = salt === '' ? Buffer.alloc(32) : salt;
  return createHmac('sha256', key)
    .update(Buffer.concat([ascii('HPKE-v1'), suite, ascii(label), input]))
    .digest();
}

/** HKDF-Expand of one block: every output here has at most 32 bytes. */
function labeledExpand(suite: Buffer, key: Buffer, label: string, info: Buffer, length: number): Buffer {
  const size = Buffer.alloc(2);
  size.writeUInt16BE(length);
  const input = Buffer.concat([size, ascii('HPKE-v1'), suite, ascii(label), info, Buffer.from([1])]);
  return createHmac('sha256', key).update(input).digest().subarray(0, length);
}
