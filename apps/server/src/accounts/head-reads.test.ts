import { expect, test } from 'vitest';
import type { NamespaceId } from '@onefold/protocol';
import type { MetadataDatabase, SqlDialect } from '../metadata/database.ts';
import { randomId, bytes } from '../testing/test-account.ts';
import { idBytes } from '../id-bytes.ts';
import type { AccessRow } from './access.ts';
import { createHeadReads } from './head-reads.ts';

/** A database that answers each query when told, with the head of the moment the query was sent. */
function setUp() {
  const hash = bytes(32);
  const namespace = randomId<NamespaceId>(32);
  const state = { head: 0, isPrimary: true };
  const asked: { readonly count: number; answer(): void }[] = [];
  const selectEach = <R>(_reader: unknown, _text: string, rows: readonly unknown[]): Promise<R[]> => {
    const row: AccessRow = {
      token_hash: hash,
      user: bytes(16),
      device: bytes(16),
      device_version: 1,
      version: 1,
      revoked_n: null,
      expires_at_ms: 1_000,
      role: 'owner',
      namespace: idBytes(namespace),
      head_seq: state.head,
      head_hash: bytes(32),
      epoch: 0,
      recovery_epoch: 0,
      lost_revision: 0,
      instance: 7,
    };
    return new Promise((resolve) => {
      asked.push({ count: rows.length, answer: () => resolve([row] as R[]) });
    });
  };
  const metadata = {
    sql: { selectEach, instance: '0' } as unknown as SqlDialect,
    confirmPrimary: () => (state.isPrimary ? Promise.resolve() : Promise.reject(new Error('not the primary'))),
  } as unknown as MetadataDatabase;
  const heads = createHeadReads(metadata);
  const read = async (): Promise<number> => (await heads.read(hash, namespace, 0)).head.seq;
  return { state, asked, read };
}

test('a read never joins a query that was sent before it began', async () => {
  const { state, asked, read } = setUp();
  const first = read();
  await expect.poll(() => asked.length).toBe(1);
  state.head = 1;
  const second = read();
  await expect.poll(() => asked.length).toBe(2);
  for (const query of asked) query.answer();
  expect(await first).toBe(0);
  expect(await second).toBe(1);
});

test('reads that come while the lanes are full go together, and see what then stands', async () => {
  const { state, asked, read } = setUp();
  const early: Promise<number>[] = [];
  for (let lane = 1; lane <= 4; lane++) {
    early.push(read());
    await expect.poll(() => asked.length).toBe(lane);
  }
  const late = Array.from({ length: 50 }, read);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(asked).toHaveLength(4);
  state.head = 9;
  asked[0]?.answer();
  await expect.poll(() => asked.length).toBe(5);
  expect(asked[4]?.count).toBe(50);
  for (const query of asked) query.answer();
  expect(await Promise.all(late)).toEqual(Array.from({ length: 50 }, () => 9));
  expect(await Promise.all(early)).toEqual([0, 0, 0, 0]);
});

test('what a database shows that has not proved to be the primary is told to nobody', async () => {
  const { state, asked, read } = setUp();
  state.isPrimary = false;
  const reading = expect(read()).rejects.toThrow('not the primary');
  await expect.poll(() => asked.length).toBe(1);
  asked[0]?.answer();
  await reading;
});
