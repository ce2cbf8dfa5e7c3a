import { createHash } from 'node:crypto';
import type { ContentId } from '@onefold/protocol';
import type { NamedBlock } from './block-calls.ts';

const DOMAIN = Buffer.from('onefold/content/v1', 'ascii');

/**
 * The content id of vault's contentIdOf, spelled out here because the vault and what it brings along have no place in a block worker:
 * SHA-256("onefold/content/v1" || for each block in file order: blockId (32) || plainLength (u32, big endian)).
 */
export function contentIdOf(blocks: readonly NamedBlock[]): ContentId {
  const bytes = Buffer.allocUnsafe(36 * blocks.length);
  blocks.forEach(({ blockId, plainLength }, i) => {
    bytes.write(blockId, 36 * i, 32, 'hex');
    bytes.writeUInt32BE(plainLength, 36 * i + 32);
  });
  return createHash('sha256').update(DOMAIN).update(bytes).digest('hex') as ContentId;
}
