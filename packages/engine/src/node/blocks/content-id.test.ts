import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BlockId } from '@onefold/protocol';
import * as vault from '@onefold/vault';
import { contentIdOf } from './content-id.ts';

it('is the content id that the vault checks', () => {
  const block = fc.record({
    blockId: fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString('hex') as BlockId),
    plainLength: fc.integer({ min: 1, max: 4 * 1024 * 1024 }),
  });
  const blocks = fc.array(block, { maxLength: 20 });
  fc.assert(
    fc.property(blocks, (some) => {
      expect(contentIdOf(some)).toBe(vault.contentIdOf(some));
    }),
  );
});
