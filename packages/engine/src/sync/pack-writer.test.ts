import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { BlockId, CtHash, NamespaceId, PutPackResponse, UploadId } from '@onefold/protocol';
import { LIMITS, readPack } from '@onefold/protocol';
import type { SealedBlock } from '../ports.ts';
import { createPackWriter, type Way } from './pack-writer.ts';
import type { Session } from './session.ts';

const BLOCK_BYTES = 2 * 1024 * 1024;
const BLOCKS_PER_PACK = 3;

function sealedBlock(number: number): SealedBlock {
  const sealed = new Uint8Array(BLOCK_BYTES).fill(number);
  const ctHash = createHash('sha256').update(sealed).digest('hex') as CtHash;
  const blockId = String(number).padStart(64, '0') as BlockId;
  return { reference: { blockId, ctHash, ctLength: sealed.length, plainLength: sealed.length, epoch: 0 }, sealed };
}

/** Every block of a pack is the one that its index names. */
function isWhole(pack: Uint8Array): boolean {
  return readPack(pack).every(
    ({ ctHash, offset, length }) =>
      createHash('sha256')
        .update(pack.subarray(offset, offset + length))
        .digest('hex') === ctHash,
  );
}

function openWriter(putPack: (pack: Uint8Array) => Promise<void>) {
  const session = {
    options: {},
    ports: { store: { commit: async () => undefined }, random: { bytes: (length: number) => new Uint8Array(length) } },
    transfers: { lost: new Set(), sent: () => undefined },
  } as unknown as Session;
  const remote = {
    announce: async () => ({ uploadId: 'u' as UploadId, missing: [] }),
    putPack: async (_upload: UploadId, _packId: string, pack: Uint8Array) => {
      await putPack(pack);
      return { stored: 1, state: 'open' } as unknown as PutPackResponse;
    },
  } as unknown as Way['remote'];
  const about = { namespaceId: 'n' as NamespaceId } as unknown as Parameters<typeof createPackWriter>[1];
  return createPackWriter(session, about, { remote, held: () => undefined });
}

test('a pack takes the memory of one that has arrived, never of one on its way', async () => {
  const arrivals: (() => void)[] = [];
  const packs: Uint8Array[] = [];
  const writer = openWriter(async (pack) => {
    packs.push(pack);
    expect(isWhole(pack)).toBe(true);
    // The first is on its way until all the others are there.
    if (packs.length === 1) await new Promise<void>((resolve) => arrivals.push(resolve));
    expect(isWhole(pack)).toBe(true);
  });
  const count = 6;
  for (let i = 0; i < count * BLOCKS_PER_PACK; i++) await writer.sealed([sealedBlock(i)]);
  arrivals[0]?.();
  await writer.finish();
  expect(packs).toHaveLength(count);
  expect(packs.every(({ byteLength }) => byteLength <= LIMITS.packBytes)).toBe(true);
  const memories = packs.map(({ buffer }) => buffer);
  expect(memories.slice(1).includes(memories[0]!)).toBe(false);
  expect(new Set(memories).size).toBe(2);
});
