import fc from 'fast-check';
import { createCipheriv } from 'node:crypto';
import { expect, test } from 'vitest';
import { keystream } from './fixtures/keystream.ts';
import { referenceDigests } from './reference-splitter.ts';
import { deriveSplitterKeys, type SplitterKeys } from './splitter-keys.ts';
import { BATCH_WINDOWS, encryptedDigests } from './window-digests.ts';

const keys = deriveSplitterKeys(new Uint8Array(32).fill(1));
const otherKeys = deriveSplitterKeys(new Uint8Array(32).fill(2));

test('the WebAssembly digests equal the scalar reference for any input and number of windows', () => {
  const anyBytes = fc.uint8Array({ minLength: 64, maxLength: 600, size: 'max' });
  const sameBytes = fc
    .tuple(fc.nat(255), fc.integer({ min: 64, max: 600 }))
    .map(([byte, n]) => new Uint8Array(n).fill(byte));
  fc.assert(
    fc.property(fc.oneof(anyBytes, sameBytes), fc.boolean(), (input, other) => {
      const used = other ? otherKeys : keys;
      expect(bytesOf(encryptedDigests(used, input, input.length - 63))).toEqual(referenceWords(used, input));
    }),
  );
});

test('a full batch, an odd one and a single window equal the reference', () => {
  for (const count of [BATCH_WINDOWS, BATCH_WINDOWS - 1, 3, 2, 1]) {
    const input = keystream('onefold-a-batch!', count + 63);
    expect(bytesOf(encryptedDigests(keys, input, count)).equals(referenceWords(keys, input))).toBe(true);
  }
});

function bytesOf(words: Int32Array): Buffer {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength);
}

function referenceWords(used: SplitterKeys, input: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-ecb', used.aesKey, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(referenceDigests(used, input)), cipher.final()]);
}
