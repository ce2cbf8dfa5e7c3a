import { expect, test } from 'vitest';
import { announceUploadRequest, announceUploadResponse, putPackResponse, type OpId } from '@onefold/protocol';
import { onBothGrounds } from '../testing/on-both-grounds.ts';
import { randomId } from '../testing/test-account.ts';
import { createClient, createFile, packOf, randomBlock, valueOf } from '../testing/test-client.ts';

const PACK_BYTES = 50_000;

onBothGrounds('the quota', (ground) => {
  test('packs that arrive at the same moment do not pass it together', async () => {
    const server = await ground.start({ quotaBytesPerUser: 4 * PACK_BYTES });
    const client = await createClient(server.url);
    const { uploadId } = valueOf(
      await client.call('POST', client.path('/uploads'), announceUploadResponse, {
        schema: announceUploadRequest,
        value: { opId: randomId<OpId>(16), nodes: [], paddedBytes: 1, reused: [] },
      }),
    );
    const nodes = ground.canHaveNodes ? [server.url, (await server.another()).url] : [server.url];
    const answers = await Promise.all(
      Array.from({ length: 16 }, async (_, i) => {
        const block = randomBlock(PACK_BYTES - 100);
        const pack = packOf([block]);
        if (i % 2 === 0) {
          const answer = await client.commit([createFile([block])], { pack });
          return answer.ok ? answer.value.outcome : answer.code;
        }
        const at = Object.assign(Object.create(Object.getPrototypeOf(client)) as typeof client, client);
        at.url = nodes[i % nodes.length] ?? server.url;
        const answer = await at.call('PUT', client.path(`/packs/${pack.packId}?upload=${uploadId}`), putPackResponse, {
          pack: pack.bytes,
        });
        return answer.ok ? 'stored' : answer.code;
      }),
    );
    const [usage] = await server.rows('select stored_bytes from namespace');
    const stored = Number(usage?.['stored_bytes']);
    expect(stored).toBeLessThanOrEqual(4 * PACK_BYTES);
    expect(stored).toBeGreaterThan(3 * PACK_BYTES);
    expect(answers.filter((answer) => answer === 'quota-exceeded').length).toBe(12);
  });
});
