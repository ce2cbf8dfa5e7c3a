import { toHex, type BlockId, type CtHash } from '@onefold/protocol/plain';
import type { BlockReference } from '../../core/tree.ts';

/** epoch u32 | blockId 32 | ctHash 32 | ctLength u32 | plainLength u32, big endian. */
const ENTRY_BYTES = 76;

/** References end to end: a file of 20 GiB has 14,000 of them. */
export function packReferences(references: readonly BlockReference[]): Buffer {
  const packed = Buffer.alloc(references.length * ENTRY_BYTES);
  let at = 0;
  for (const { epoch, blockId, ctHash, ctLength, plainLength } of references) {
    packed.writeUInt32BE(epoch, at);
    packed.write(blockId, at + 4, 32, 'hex');
    packed.write(ctHash, at + 36, 32, 'hex');
    packed.writeUInt32BE(ctLength, at + 68);
    packed.writeUInt32BE(plainLength, at + 72);
    at += ENTRY_BYTES;
  }
  return packed;
}

export function unpackReferences(packed: Uint8Array): BlockReference[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  return Array.from({ length: packed.length / ENTRY_BYTES }, (_, i) => {
    const at = i * ENTRY_BYTES;
    return {
      epoch: view.getUint32(at),
      blockId: toHex(packed.subarray(at + 4, at + 36)) as BlockId,
      ctHash: toHex(packed.subarray(at + 36, at + 68)) as CtHash,
      ctLength: view.getUint32(at + 68),
      plainLength: view.getUint32(at + 72),
    };
  });
}

/** The block ids of a packed list, as bytes. */
export function packedBlockIds(packed: Uint8Array): Uint8Array[] {
  return Array.from({ length: packed.length / ENTRY_BYTES }, (_, i) =>
    packed.subarray(i * ENTRY_BYTES + 4, i * ENTRY_BYTES + 36),
  );
}
