import { createHmac, createSecretKey } from 'node:crypto';
import { isHexId, OnefoldError, type BlockId, type NamespaceId } from '@onefold/protocol/plain';

/** Keys of one namespace at one epoch. `blockIdKey` never changes, `blockKey` is that of `epoch`; 32 bytes each. */
export interface BlockContext {
  readonly namespaceId: NamespaceId;
  readonly epoch: number;
  readonly blockKey: Uint8Array;
  readonly blockIdKey: Uint8Array;
}

const EMPTY_SALT = new Uint8Array(32);
const KEY_LABEL = Buffer.from('onefold/block/v1/key', 'ascii');
const FORMAT_LABEL = Buffer.from('onefold/block/v1', 'ascii');

/** Throws `invalid-argument`: a wrong shape here is a mistake of the caller, never of the sealed bytes. */
export function requireBlockContext(context: BlockContext): void {
  const usable =
    isHexId(context.namespaceId, 32) &&
    Number.isSafeInteger(context.epoch) &&
    context.epoch >= 0 &&
    context.blockKey.length === 32 &&
    context.blockIdKey.length === 32;
  if (!usable)
    throw new OnefoldError('invalid-argument', 'block keys need a namespace id, an epoch and two keys of 32 bytes');
}

/** `HMAC-SHA256(blockIdKey, plaintext)`. Known to members only: it never leaves sealed manifests. */
export function computeBlockId(blockIdKey: Uint8Array, plaintext: Uint8Array): BlockId {
  return hmac(blockIdKey, plaintext).toString('hex') as BlockId;
}

/**
 * HKDF-SHA256 (RFC 5869) of the epoch's block key: no salt, info = "onefold/block/v1/key" || blockId, 32 bytes. Spelled out as its two
 * HMACs (Extract, then the single block of Expand) because hkdfSync costs several times as much per call.
 */
export function deriveSealingKey(blockKey: Uint8Array, blockId: Uint8Array): Uint8Array {
  const pseudorandomKey = hmac(EMPTY_SALT, blockKey);
  const info = Buffer.allocUnsafe(KEY_LABEL.length + 33);
  info.set(KEY_LABEL, 0);
  info.set(blockId, KEY_LABEL.length);
  info[info.length - 1] = 1;
  return hmac(pseudorandomKey, info);
}

/** Associated data: "onefold/block/v1" || namespaceId || epoch (u64, big endian) || blockId; 88 bytes. */
export function associatedData(namespaceId: NamespaceId, epoch: number, blockId: Uint8Array): Uint8Array {
  const data = Buffer.allocUnsafe(88);
  data.set(FORMAT_LABEL, 0);
  data.write(namespaceId, 16, 32, 'hex');
  data.writeUInt32BE(Math.floor(epoch / 2 ** 32), 48);
  data.writeUInt32BE(epoch % 2 ** 32, 52);
  data.set(blockId, 56);
  return data;
}

/** A key object first: handing raw bytes to createHmac costs 15 microseconds more per call. */
function hmac(key: Uint8Array, message: Uint8Array): Buffer {
  return createHmac('sha256', createSecretKey(key)).update(message).digest();
}
