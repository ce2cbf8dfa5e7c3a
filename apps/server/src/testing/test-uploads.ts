import {
  announceUploadRequest,
  announceUploadResponse,
  completeUploadRequest,
  encodeWire,
  putPackResponse,
  readBlocksRequest,
  uploadResponse,
  type OpId,
  type UploadId,
} from '@onefold/protocol';
import { randomId } from './test-account.ts';
import { packOf, splitFrames, TestClient, valueOf, type TestBlock } from './test-client.ts';

/** Opens an upload and names all of its blocks. */
export async function announce(client: TestClient, blocks: readonly TestBlock[]): Promise<UploadId> {
  const value = { opId: randomId<OpId>(16), nodes: [], paddedBytes: 1, reused: [] };
  const announced = await client.call('POST', client.path('/uploads'), announceUploadResponse, {
    schema: announceUploadRequest,
    value,
  });
  const { uploadId } = valueOf(announced);
  const named = { blocks: blocks.map(({ ctHash }) => ctHash) };
  const path = client.path(`/uploads/${uploadId}/complete`);
  valueOf(await client.call('POST', path, uploadResponse, { schema: completeUploadRequest, value: named }));
  return uploadId;
}

/** Sends the blocks as one new pack. */
export async function putPack(client: TestClient, uploadId: UploadId, blocks: readonly TestBlock[]): Promise<void> {
  const pack = packOf(blocks);
  const path = client.path(`/packs/${pack.packId}?upload=${uploadId}`);
  valueOf(await client.call('PUT', path, putPackResponse, { pack: pack.bytes }));
}

/** The same device, asking the other node. */
export function through(client: TestClient, url: string): TestClient {
  const other = new TestClient(url, client.account);
  other.token = client.token;
  return other;
}

const BLOCKS_PER_READ = 50;

/** Those of the blocks that the server does not answer with, byte for byte. */
export async function unreadable(client: TestClient, blocks: readonly TestBlock[]): Promise<TestBlock[]> {
  const lost: TestBlock[] = [];
  for (let at = 0; at < blocks.length; at += BLOCKS_PER_READ) {
    const part = blocks.slice(at, at + BLOCKS_PER_READ);
    const body = encodeWire(readBlocksRequest, { blocks: part.map(({ ctHash }) => ctHash) });
    const response = await client.raw('POST', client.path('/blocks/read'), body);
    const frames = splitFrames(new Uint8Array(await response.arrayBuffer()));
    lost.push(...part.filter(({ sealed }, i) => Buffer.compare(frames[i] ?? new Uint8Array(), sealed) !== 0));
  }
  return lost;
}

/** What the server answers for one block, once it has answered to the end. */
export async function readOne(client: TestClient, block: TestBlock): Promise<Uint8Array | undefined> {
  const body = encodeWire(readBlocksRequest, { blocks: [block.ctHash] });
  const response = await client.raw('POST', client.path('/blocks/read'), body);
  const received = new Uint8Array(await response.arrayBuffer());
  return response.ok ? splitFrames(received)[0] : undefined;
}
