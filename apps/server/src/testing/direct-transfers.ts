import { createHash } from 'node:crypto';
import {
  announceUploadRequest,
  announceUploadResponse,
  directPackRequest,
  directPackResponse,
  locateBlocksResponse,
  putPackResponse,
  readBlocksRequest,
  type Hash,
  type OpId,
  type UploadId,
} from '@onefold/protocol';
import { randomId } from './test-account.ts';
import { valueOf, type packOf, type TestBlock, type TestClient } from './test-client.ts';

/* A device that sends packs past the server. */

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export type Pack = ReturnType<typeof packOf>;

export async function announce(client: TestClient): Promise<UploadId> {
  const answer = await client.call('POST', client.path('/uploads'), announceUploadResponse, {
    schema: announceUploadRequest,
    value: { opId: randomId<OpId>(16), nodes: [], paddedBytes: 1, reused: [] },
  });
  return valueOf(answer).uploadId;
}

export function grant(client: TestClient, uploadId: UploadId, { packId, bytes }: Pack) {
  return client.call('POST', client.path(`/packs/${packId}/direct?upload=${uploadId}`), directPackResponse, {
    schema: directPackRequest,
    value: { sizeBytes: bytes.length, sha256: sha256(bytes) as Hash },
  });
}

export function tell(client: TestClient, uploadId: UploadId, { packId }: Pack) {
  return client.call('POST', client.path(`/packs/${packId}/stored?upload=${uploadId}`), putPackResponse);
}

export function locate(client: TestClient, blocks: readonly TestBlock[]) {
  return client.call('POST', client.path('/blocks/locate'), locateBlocksResponse, {
    schema: readBlocksRequest,
    value: { blocks: blocks.map(({ ctHash }) => ctHash) },
  });
}

export function put(
  url: string,
  headers: readonly (readonly [string, string])[],
  bytes: Uint8Array,
): Promise<Response> {
  const sent = headers
    .filter(([name]) => name !== 'content-length')
    .map(([name, value]): [string, string] => [name, value]);
  return fetch(url, { method: 'PUT', headers: sent, body: bytes as Uint8Array<ArrayBuffer> });
}
