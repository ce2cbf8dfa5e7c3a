import { expect, test } from 'vitest';
import {
  announceUploadRequest,
  announceUploadResponse,
  completeUploadRequest,
  uploadResponse,
  type OpId,
} from '@onefold/protocol';
import { onBothGrounds } from '../testing/on-both-grounds.ts';
import { randomId } from '../testing/test-account.ts';
import { createClient, createFile, randomBlock, TestClient, valueOf } from '../testing/test-client.ts';
import { announce, putPack } from '../testing/test-uploads.ts';

const STORED = 12_000;
const BLOCKS = 20_000;

/* What names very many blocks is written down in parts: others who change the same folder get their turn in between. */

onBothGrounds('a large upload', (ground) => {
  test('others commit in the same folder while its blocks are announced and named', { timeout: 120_000 }, async () => {
    const server = await ground.start();
    const client = await createClient(server.url);
    const other = new TestClient(server.url, client.account);
    other.token = client.token;
    const whole = Array.from({ length: BLOCKS }, () => randomBlock(60));
    const blocks = whole.map(({ ctHash }) => ctHash);
    await putPack(client, await announce(client, []), whole.slice(0, STORED));
    const before = (await server.rows('select ct_hash from upload_block')).length;

    /** How often another one commits until this is answered. */
    const meanwhile = async (work: Promise<unknown>): Promise<number> => {
      let [isOver, commits] = [false, 0];
      void work.catch(() => undefined).finally(() => (isOver = true));
      for (; !isOver; commits++) valueOf(await other.commit([createFile([])]));
      return commits;
    };
    const opId = randomId<OpId>(16);
    const value = { opId, nodes: [], paddedBytes: 1, reused: blocks };
    const announcing = client.call('POST', client.path('/uploads'), announceUploadResponse, {
      schema: announceUploadRequest,
      value,
    });
    expect(await meanwhile(announcing)).toBeGreaterThan(4);
    const { uploadId, missing } = valueOf(await announcing);
    expect(missing).toEqual(blocks.slice(STORED));
    const pins = async (): Promise<number> => (await server.rows('select ct_hash from upload_block')).length;
    expect(await pins()).toBe(before + STORED);
    expect(await server.rows('select upload from upload')).toHaveLength(2);

    const completing = client.call('POST', client.path(`/uploads/${uploadId}/complete`), uploadResponse, {
      schema: completeUploadRequest,
      value: { blocks },
    });
    expect(await meanwhile(completing)).toBeGreaterThan(4);
    expect(valueOf(await completing).state).toBe('pending');
    expect(await pins()).toBe(before + BLOCKS);
    await putPack(client, uploadId, whole.slice(STORED));
    const outcome = await client.call('GET', client.path(`/uploads/${uploadId}`), uploadResponse);
    expect(valueOf(outcome).state).toBe('uploaded');
  });
});
