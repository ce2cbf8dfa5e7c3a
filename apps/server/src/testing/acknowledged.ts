import { expect } from 'vitest';
import { entryHash, nextHash } from '@onefold/journal';
import { encodeWire, readBlocksRequest, type Hash } from '@onefold/protocol';
import { splitFrames, type TestBlock, type TestClient } from './test-client.ts';

/** What the server said it has: whatever happens it must still have it. */
export interface Acknowledged {
  readonly commits: { readonly seq: number; readonly hash: Hash }[];
  readonly blocks: TestBlock[];
}

/** Reads the whole journal and every block; the client goes on from there. */
export async function verify(client: TestClient, done: Acknowledged): Promise<void> {
  let hash = client.namespace as string as Hash;
  const hashes = [hash];
  for (let head = Infinity; hashes.length - 1 < head;) {
    const page = await client.entries(hashes.length - 1);
    head = page.head.seq;
    for (const entry of page.entries) {
      expect(entry.seq).toBe(hashes.length);
      hash = nextHash(hash, entry.seq, entryHash(entry));
      hashes.push(hash);
    }
    if (hashes.length - 1 === head) expect(hashes[head]).toBe(page.head.hash);
  }
  for (const commit of done.commits) expect(hashes[commit.seq]).toBe(commit.hash);
  client.head = { seq: hashes.length - 1, hash };
  for (let at = 0; at < done.blocks.length; at += 500) {
    const asked = done.blocks.slice(at, at + 500);
    const request = encodeWire(readBlocksRequest, { blocks: asked.map(({ ctHash }) => ctHash) });
    const response = await client.raw('POST', client.path('/blocks/read'), request);
    const frames = splitFrames(new Uint8Array(await response.arrayBuffer()));
    asked.forEach((block, i) => expect(Buffer.compare(frames[i] ?? new Uint8Array(), block.sealed)).toBe(0));
  }
}
