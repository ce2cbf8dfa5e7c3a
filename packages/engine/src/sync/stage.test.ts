import { expect, test } from 'vitest';
import type { NodeRow } from '../core/tree.ts';
import type { AssembleItem } from '../ports.ts';
import type { Session } from './session.ts';
import { stageFiles } from './stage.ts';

const SIZE_BYTES = 1_000;

/** A disk with so much room left, on which so much of the one file stands already. Answers how it went. */
async function stageWith(disk: { freeBytes: number; standingBytes: number; isResumed: boolean }): Promise<object> {
  const session = {
    ports: {
      files: {
        freeBytes: async () => disk.freeBytes,
        stat: async () => [{ kind: 'file', sizeBytes: disk.standingBytes }],
        listTrash: async () => [],
        stagingPath: () => 'fresh',
      },
      store: { references: async () => [{ references: [], manifest: [] }] },
      blocks: {
        assemble: async (items: readonly AssembleItem[]) => items.map(() => ({ outcome: 'written', stat: {} })),
      },
      remote: {},
    },
    transfers: { source: () => ({ fetch: async () => [] }) },
  } as unknown as Session;
  const row = { node: 'n', local: null, remote: { content: { kind: 'file', sizeBytes: SIZE_BYTES, contentId: 'c' } } };
  const way = { remote: session.ports.remote, arrived: () => undefined, keepsReferences: false };
  const { outcomes } = await stageFiles(
    session,
    [{ row: row as unknown as NodeRow, localPath: null }],
    disk.isResumed ? { ...way, resumeAt: 'staged' } : way,
  );
  return outcomes[0]!;
}

test('a file that is gone on with needs room for the rest alone', async () => {
  const standingBytes = 900;
  expect(await stageWith({ freeBytes: 100, standingBytes, isResumed: true })).toMatchObject({ path: 'staged' });
  expect(await stageWith({ freeBytes: 99, standingBytes, isResumed: true })).toEqual({ failed: 'disk-full' });
  expect(await stageWith({ freeBytes: 999, standingBytes, isResumed: false })).toEqual({ failed: 'disk-full' });
});
