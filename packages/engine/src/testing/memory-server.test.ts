import { sha256, signEntry } from '@onefold/journal';
import {
  buildPack,
  changesetBodySchema,
  encodeWire,
  ROOT_NODE,
  type Change,
  type NameTag,
  type NodeId,
  type OpId,
  type PackId,
  type SignedEntry,
} from '@onefold/protocol';
import { expect, test } from 'vitest';
import { memoryAccount } from './memory-account.ts';
import { sealFakeBlock } from './memory-blocks.ts';
import { createMemoryServer } from './memory-server.ts';
import type { MemoryServer } from './memory-server-calls.ts';

const account = memoryAccount(2);
const hexOf = (label: string, bytes: number) => sha256(new TextEncoder().encode(label)).slice(0, 2 * bytes);
const block = sealFakeBlock(new Uint8Array(100).fill(7), 0);
const pack = {
  packId: hexOf('pack', 16) as PackId,
  bytes: buildPack([{ ctHash: block.reference.ctHash, sealed: block.sealed }]),
};

function createFile(name: string): Change {
  const content = {
    added: [[block.reference.ctHash, block.reference.ctLength]] as [never, number][],
    dropped: [],
    sealed: new Uint8Array(1),
  };
  const node = hexOf(`node ${name}`, 16) as NodeId;
  return {
    op: 'create',
    node,
    kind: 'file',
    parent: ROOT_NODE,
    nameTag: hexOf(name, 32) as NameTag,
    place: new Uint8Array(1),
    content,
  };
}

function entry(server: MemoryServer, device: number, deviceSeq: number, change: Change): SignedEntry {
  const body = encodeWire(changesetBodySchema, { changes: [change] });
  const { seq, hash, namespaceId } = server.head();
  const header = {
    format: 1,
    type: 'changeset',
    epoch: 0,
    device: account.devices[device]!.device,
    deviceSeq,
    opId: hexOf(`op ${device} ${deviceSeq}`, 16) as OpId,
    changesHash: sha256(body),
    namespaceId: namespaceId,
    baseSeq: seq,
    baseHash: hash,
  } as const;
  return signEntry(account.devices[device]!.sign, header, body);
}

test('a commit whose blocks are not stored says which, and stands once they ride along', () => {
  const server = createMemoryServer(account);
  const calls = server.callsOf(account.devices[1]!.device);
  const first = entry(server, 1, 1, createFile('a'));
  expect(calls.commit({ entry: first })).toMatchObject({
    outcome: 'blocks-missing',
    missing: [block.reference.ctHash],
  });
  expect(calls.commit({ entry: first, pack })).toMatchObject({ outcome: 'committed', seq: 1 });
  expect(calls.readBlocks([block.reference.ctHash])).toEqual([block.sealed]);
  expect(calls.entries(0, 1)).toMatchObject({ head: { seq: 1 }, entries: [{ seq: 1 }] });
});

test('a repeated commit gets the first answer, also after others came in between', () => {
  const server = createMemoryServer(account);
  const [one, two] = account.devices.map(({ device }) => server.callsOf(device));
  const first = entry(server, 0, 1, createFile('a'));
  const answer = one!.commit({ entry: first, pack });
  two!.commit({ entry: entry(server, 1, 1, createFile('b')) });
  expect(one!.commit({ entry: first, pack })).toEqual(answer);
  expect(server.head().seq).toBe(2);
});

test('a taken name is refused by the shared predicate', () => {
  const server = createMemoryServer(account);
  const [one, two] = account.devices.map(({ device }) => server.callsOf(device));
  one!.commit({ entry: entry(server, 0, 1, createFile('a')), pack });
  const twin = { ...createFile('a'), node: hexOf('another', 16) as NodeId };
  const refused = { outcome: 'refused', refusals: [{ reason: 'name-taken' }] };
  expect(two!.commit({ entry: entry(server, 1, 1, twin) })).toMatchObject(refused);
});

test('collection takes what no version and no upload holds, and expires uploads', () => {
  const server = createMemoryServer(account);
  const calls = server.callsOf(account.devices[0]!.device);
  const { uploadId } = calls.announce({ opId: hexOf('u', 16) as OpId, nodes: [], paddedBytes: 0, reused: [] });
  calls.putPack(uploadId, pack.packId, pack.bytes);
  expect(server.blockCount()).toBe(1);
  server.collect();
  expect(server.blockCount()).toBe(0);
  expect(calls.upload(uploadId).state).toBe('expired');
  expect(() => calls.putPack(uploadId, pack.packId, pack.bytes)).toThrow(
    expect.objectContaining({ code: 'upload-expired' }),
  );
});
