import * as journal from '@onefold/journal';
import type { DeviceId, Hash, NameTag, NodeId } from '@onefold/protocol';
import { afterAll, describe, expect, test } from 'vitest';
import { noteReplaced, setFaking } from '../fake-signatures.ts';
import { memoryAccount } from '../memory-account.ts';
import { parseEntry } from './decode-once.ts';
import * as hashes from './hashes.ts';
import * as leaves from './node-leaf.ts';
import * as sums from './tree-sum.ts';

const hash = (n: number): Hash => journal.sha256(Uint8Array.of(n));
const write = (n: number) => ({
  node: hash(n).slice(0, 32) as NodeId,
  version: n,
  seq: n + 1,
  epoch: 0,
  device: hash(n + 50).slice(0, 32) as DeviceId,
  sealedHash: hash(n + 99),
});
const place = (n: number) => ({
  ...write(n),
  kind: 'file' as const,
  parent: hash(n + 3).slice(0, 32) as NodeId,
  nameTag: hash(n + 4) as string as NameTag,
  hidden: n % 2 === 0,
});

describe('what is done once answers as the journal does', () => {
  test.each([1, 2, 3])('digests, leaves and hashes of write %d, asked twice', (n) => {
    for (let i = 0; i < 2; i++) {
      expect(leaves.placeDigest(place(n))).toBe(journal.placeDigest(place(n)));
      for (const register of ['content', 'attributes'] as const)
        expect(leaves.registerDigest(register, write(n))).toBe(journal.registerDigest(register, write(n)));
      const digests = { place: hash(n), content: hash(n + 1), attributes: null };
      expect(leaves.leafOf(digests)).toBe(journal.leafOf(digests));
      expect(hashes.sha256(Uint8Array.of(n), Uint8Array.of(n))).toBe(journal.sha256(Uint8Array.of(n, n)));
    }
    const bytes = Uint8Array.of(n);
    expect([hashes.sha256(bytes), hashes.sha256(bytes)]).toEqual([hash(n), hash(n)]);
  });
});

describe('an entry', () => {
  const { genesis } = memoryAccount(2);
  const copy = () => ({
    header: genesis.header.slice(),
    body: genesis.body.slice(),
    signature: genesis.signature.slice(),
  });

  test('that says the same again is decoded once, and as the journal does', () => {
    const [first, second] = [copy(), copy()];
    expect(parseEntry(first)).toEqual(journal.parseEntry(first));
    expect(parseEntry(second)).toBe(parseEntry(first));
  });

  test('keeps nothing of what came along with it', () => {
    const entry = { ...copy(), seq: 7 };
    entry.signature[0]! ^= 1;
    expect(Object.keys(parseEntry(entry).raw).sort()).toEqual(['body', 'header', 'signature']);
  });

  test('of the same header with another body is looked at by itself', () => {
    parseEntry(copy());
    const other = copy();
    other.body[other.body.length - 1]! ^= 1;
    expect(() => parseEntry(other)).toThrow('the body is not the one the header names');
    expect(() => parseEntry({ ...copy(), body: other.body })).toThrow('the body is not the one the header names');
  });

  test('of another signature is another one', () => {
    const other = copy();
    other.signature[0]! ^= 2;
    expect(parseEntry(other).hash).not.toBe(parseEntry(copy()).hash);
  });
});

describe.each(['real', 'faked'])('a %s sum of a tree', (kind) => {
  noteReplaced();
  afterAll(() => setFaking(false));
  const sumOf = (...added: number[]) => sums.changeSum(sums.NO_NODES, [], added.map(hash));

  test('has no order, takes off what was added, and tells trees apart', () => {
    setFaking(kind === 'faked');
    const root = sums.rootOf(sumOf(1, 2, 3));
    expect(sums.rootOf(sumOf(3, 1, 2))).toBe(root);
    expect(sums.rootOf(sums.changeSum(sumOf(1, 2, 4), [hash(4)], [hash(3)]))).toBe(root);
    expect(sums.changeSum(sumOf(1, 2, 4), [hash(4)], [hash(3)]).count).toBe(3);
    expect(sums.rootOf(sums.changeSum(sumOf(1), [hash(1)], []))).toBe(sums.rootOf(sums.NO_NODES));
    for (const other of [sumOf(1, 2), sumOf(1, 2, 4), sumOf(1, 1, 2, 3), sums.NO_NODES])
      expect(sums.rootOf(other)).not.toBe(root);
  });

  test(`is ${kind === 'real' ? '' : 'not '}the journal's`, () => {
    setFaking(kind === 'faked');
    const theirs = journal.rootOf(journal.changeSum(journal.NO_NODES, [], [1, 2].map(hash)));
    expect(sums.rootOf(sumOf(1, 2)) === theirs).toBe(kind === 'real');
  });
});
