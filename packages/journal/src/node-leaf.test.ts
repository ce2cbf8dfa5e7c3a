import { createHash } from 'node:crypto';
import { concatBytes, fromHex, type DeviceId, type Hash, type NameTag, type NodeId } from '@onefold/protocol';
import { expect, test } from 'vitest';
import { sha256, u64, writeU64 } from './hashes.ts';
import { leafOf, placeDigest, registerDigest } from './node-leaf.ts';

const hash = (n: number): Hash => sha256(Uint8Array.of(n));
const id = (n: number): string => hash(n).slice(0, 32);

const write = {
  node: id(1) as NodeId,
  version: 3,
  seq: 2 ** 40 + 5,
  epoch: 2,
  device: id(2) as DeviceId,
  sealedHash: hash(3),
};
const written = [fromHex(id(1)), u64(3), u64(2 ** 40 + 5), u64(2), fromHex(id(2)), fromHex(hash(3))];

/** As the format has it, part by part. */
function digestOf(...parts: readonly Uint8Array[]): string {
  return createHash('sha256')
    .update(concatBytes(...parts))
    .digest('hex');
}

test.each([
  ['file', 0, false],
  ['folder', 1, true],
  ['link', 2, false],
  ['mount', 3, true],
] as const)('the digest of the place of a %s', (kind, number, hidden) => {
  const place = { kind, parent: id(4) as NodeId, nameTag: hash(5) as string as NameTag, hidden };
  const parts = [Uint8Array.of(number), fromHex(id(4)), fromHex(hash(5)), Uint8Array.of(hidden ? 1 : 0)];
  expect(placeDigest({ ...write, ...place })).toBe(digestOf(Uint8Array.of(1), ...written, ...parts));
});

test('digests of the other registers, and the leaf', () => {
  expect(registerDigest('content', write)).toBe(digestOf(Uint8Array.of(2), ...written));
  expect(registerDigest('attributes', write)).toBe(digestOf(Uint8Array.of(3), ...written));
  expect(leafOf({ place: hash(1), content: null, attributes: hash(2) })).toBe(
    digestOf(Uint8Array.of(0), fromHex(hash(1)), new Uint8Array(32), fromHex(hash(2))),
  );
});

test.each([0, 1, 255, 256, 2 ** 31, 2 ** 32, 2 ** 32 + 7, Number.MAX_SAFE_INTEGER])('%d as eight bytes', (value) => {
  const expected = new Uint8Array(8);
  new DataView(expected.buffer).setBigUint64(0, BigInt(value));
  expect(u64(value)).toEqual(expected);
  const into = new Uint8Array(12).fill(9);
  expect(writeU64(value, into, 2)).toBe(10);
  expect(into).toEqual(Uint8Array.of(9, 9, ...expected, 9, 9));
});
