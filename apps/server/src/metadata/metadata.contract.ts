import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { withPurgePermit } from '../retention/purge-versions.ts';
import type { MetadataDatabase } from './database.ts';
import type { BlockTable, NamespaceTable, NodeTable } from './tables.ts';

function bytes(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}

function namespaceRow(): NamespaceTable {
  return {
    namespace: bytes(32),
    head_seq: 0,
    head_hash: bytes(32),
    epoch: 0,
    recovery_epoch: 0,
    quota_bytes: null,
    stored_bytes: 0,
    created_at_ms: Date.now(),
    truncated_seq: -1,
    lost_revision: 0,
  };
}

function blockRow(namespace: Uint8Array, ctHash = bytes(32)): BlockTable {
  return {
    namespace,
    ct_hash: ctHash,
    state: 1,
    pack: bytes(16),
    offset_bytes: 2 ** 40 + 1,
    length_bytes: 7,
    unreferenced_at_ms: null,
  };
}

function nodeRow(namespace: Uint8Array, node: Uint8Array, parent: Uint8Array): NodeTable {
  return {
    namespace,
    node,
    kind: 'folder',
    parent,
    name_tag: bytes(32),
    hidden: 0,
    place_version: 1,
    content_version: 0,
    attributes_version: 0,
    last_seq: 1,
    hidden_at_ms: null,
    purge_state: null,
  };
}

/** A database to test, and a way to what a next process would find. */
export interface MetadataUnderTest {
  readonly metadata: MetadataDatabase;
  readonly reopen: () => Promise<MetadataDatabase>;
}

/** What every metadata database must do. `open` gives a fresh, migrated one. */
export function describeMetadata(open: () => Promise<MetadataUnderTest>): void {
  test('a read sent after a write was acknowledged sees it; bytes, numbers and nulls come back as they went', async () => {
    const { metadata } = await open();
    for (let i = 0; i < 20; i++) {
      const row = namespaceRow();
      await metadata.write((writer) => metadata.sql.insertMany(writer, 'namespace', [row]));
      const found = await metadata.read
        .selectFrom('namespace')
        .selectAll()
        .where('namespace', '=', row.namespace)
        .executeTakeFirst();
      expect({ ...found, namespace: [...(found?.namespace ?? [])], head_hash: [...(found?.head_hash ?? [])] }).toEqual({
        ...row,
        namespace: [...row.namespace],
        head_hash: [...row.head_hash],
      });
    }
    await metadata.close();
  });

  test('nodes come with all that is above them, each once, and nothing of another namespace', async () => {
    const { metadata } = await open();
    const hex = (id: Uint8Array): string => Buffer.from(id).toString('hex');
    const [own, other] = [namespaceRow(), namespaceRow()];
    const root = new Uint8Array(16);
    const spine = Array.from({ length: 50 }, () => bytes(16));
    const last = spine[spine.length - 1] ?? root;
    const [left, right, aside] = [bytes(16), bytes(16), bytes(16)];
    const nodes = [
      ...spine.map((node, at) => nodeRow(own.namespace, node, spine[at - 1] ?? root)),
      nodeRow(own.namespace, left, last),
      nodeRow(own.namespace, right, last),
      nodeRow(own.namespace, aside, root),
      // The same ids elsewhere hang otherwise.
      nodeRow(other.namespace, left, aside),
      nodeRow(other.namespace, aside, root),
    ];
    await metadata.write(async (writer) => {
      await metadata.sql.insertMany(writer, 'namespace', [own, other]);
      await metadata.sql.insertMany(writer, 'node', nodes);
    });
    const found = await metadata.sql.climb(metadata.read, own.namespace, [left, right, bytes(16)], 1_000);
    expect(await metadata.sql.climb(metadata.read, own.namespace, [left, right], 3)).toHaveLength(3);
    const parents = new Map(found.map((row) => [hex(row.node), hex(row.parent)]));
    expect(found).toHaveLength(spine.length + 2);
    expect([...parents.keys()].sort()).toEqual([...spine, left, right].map(hex).sort());
    expect(parents.get(hex(left))).toBe(hex(last));
    expect(parents.get(hex(last))).toBe(hex(spine[spine.length - 2] ?? root));
    await metadata.close();
  });

  test('a transaction whose work throws leaves nothing, and the next one runs', async () => {
    const { metadata } = await open();
    const row = namespaceRow();
    await expect(
      metadata.write(async (writer) => {
        await metadata.sql.insertMany(writer, 'namespace', [row]);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await expect(
      metadata.write((writer) => metadata.sql.insertMany(writer, 'namespace', [row, row])),
    ).rejects.toMatchObject({ code: 'server-error' });
    expect(await metadata.read.selectFrom('namespace').selectAll().execute()).toEqual([]);
    await metadata.write((writer) => metadata.sql.insertMany(writer, 'namespace', [row]));
    expect(await metadata.read.selectFrom('namespace').selectAll().execute()).toHaveLength(1);
    await metadata.close();
  });

  test('transactions that read and then write do not lose each other’s updates', async () => {
    const { metadata } = await open();
    const row = namespaceRow();
    await metadata.write((writer) => metadata.sql.insertMany(writer, 'namespace', [row]));
    await Promise.all(
      Array.from({ length: 25 }, () =>
        metadata.write(async (writer) => {
          await metadata.sql.lockNamespace(writer, row.namespace);
          const { head_seq } = await writer
            .selectFrom('namespace')
            .select('head_seq')
            .where('namespace', '=', row.namespace)
            .executeTakeFirstOrThrow();
          await new Promise((resolve) => setImmediate(resolve));
          await writer
            .updateTable('namespace')
            .set({ head_seq: head_seq + 1 })
            .where('namespace', '=', row.namespace)
            .execute();
        }),
      ),
    );
    const after = await metadata.read.selectFrom('namespace').select('head_seq').executeTakeFirstOrThrow();
    expect(after.head_seq).toBe(25);
    await metadata.close();
  });

  test('what is not committed is not read', async () => {
    const { metadata } = await open();
    await metadata.write(async (writer) => {
      await metadata.sql.insertMany(writer, 'namespace', [namespaceRow()]);
      expect(await metadata.read.selectFrom('namespace').selectAll().execute()).toEqual([]);
    });
    await metadata.close();
  });

  test('thousands of rows go in and are found by their keys, each once per asked key', async () => {
    const { metadata } = await open();
    const namespace = bytes(32);
    const rows = Array.from({ length: 5_000 }, () => blockRow(namespace));
    await metadata.write((writer) => metadata.sql.insertMany(writer, 'block', rows));
    await metadata.write((writer) =>
      metadata.sql.insertMany(
        writer,
        'block',
        rows.slice(0, 10).map((row) => ({ ...row, length_bytes: 9 })),
        'keep',
      ),
    );
    const asked = [...rows.map((row) => [namespace, row.ct_hash]), [namespace, bytes(32)]];
    const found = await metadata.sql.findMany(
      metadata.read,
      'block',
      ['ct_hash', 'length_bytes', 'offset_bytes'],
      ['namespace', 'ct_hash'],
      asked,
    );
    expect(found).toHaveLength(5_000);
    expect(found.every((row) => row.length_bytes === 7 && row.offset_bytes === 2 ** 40 + 1)).toBe(true);
    expect(found.map((row) => Buffer.from(row.ct_hash).toString('hex'))).toEqual(
      rows.map((row) => Buffer.from(row.ct_hash).toString('hex')),
    );
    await metadata.write((writer) =>
      metadata.sql.insertMany(writer, 'block', [{ ...(rows[0] as BlockTable), length_bytes: 11 }], {
        keys: ['namespace', 'ct_hash'],
        update: ['length_bytes'],
      }),
    );
    const [updated] = await metadata.sql.findMany(
      metadata.read,
      'block',
      ['length_bytes'],
      ['namespace', 'ct_hash'],
      [[namespace, rows[0]?.ct_hash ?? bytes(1)]],
    );
    expect(updated?.length_bytes).toBe(11);
    await metadata.close();
  });

  test('a committed entry, version or link can be neither changed nor deleted, but for history under a permit', async () => {
    const { metadata } = await open();
    const key = { namespace: bytes(32), node: bytes(16), version: 1 };
    const version = { ...key, seq: 1, epoch: 0, device: bytes(16), accepted_at_ms: 1, sealed: bytes(20) };
    const entry = {
      namespace: key.namespace,
      seq: 1,
      header: bytes(3),
      signature: bytes(64),
      body: bytes(3),
      prev_hash: bytes(32),
      hash: bytes(32),
      header_hash: bytes(32),
      type: 'changeset',
      device: bytes(16),
      device_seq: 1,
      op_id: bytes(16),
      size_bytes: 70,
      accepted_at_ms: 1,
    };
    const link = { user: bytes(16), n: 0, link: bytes(3), signatures: bytes(3), hash: bytes(32) };
    await metadata.write(async (writer) => {
      await metadata.sql.insertMany(writer, 'file_version', [version]);
      await metadata.sql.insertMany(writer, 'entry', [entry]);
      await metadata.sql.insertMany(writer, 'user_chain', [link]);
    });
    const attempts: ((writer: Parameters<Parameters<MetadataDatabase['write']>[0]>[0]) => Promise<unknown>)[] = [
      (writer) => writer.updateTable('file_version').set({ seq: 2 }).execute(),
      (writer) => writer.deleteFrom('file_version').execute(),
      (writer) =>
        writer
          .updateTable('entry')
          .set({ body: bytes(4) })
          .execute(),
      (writer) => writer.deleteFrom('entry').execute(),
      (writer) =>
        writer
          .updateTable('user_chain')
          .set({ link: bytes(4) })
          .execute(),
      (writer) => writer.deleteFrom('user_chain').execute(),
    ];
    for (const attempt of attempts)
      await expect(metadata.write(attempt)).rejects.toMatchObject({ code: 'server-error' });
    await expect(metadata.write((writer) => withPurgePermit(writer, () => attempts[0]!(writer)))).rejects.toMatchObject(
      { code: 'server-error' },
    );
    await metadata.write((writer) => withPurgePermit(writer, () => attempts[1]!(writer)));
    expect(await metadata.read.selectFrom('file_version').selectAll().execute()).toEqual([]);
    await expect(metadata.write(attempts[3]!)).rejects.toMatchObject({ code: 'server-error' });
    await metadata.close();
  });

  test('what was acknowledged is there for the next process', async () => {
    const { metadata, reopen } = await open();
    await metadata.write((writer) => metadata.sql.insertMany(writer, 'namespace', [namespaceRow()]));
    await metadata.close();
    const next = await reopen();
    expect(await next.read.selectFrom('namespace').selectAll().execute()).toHaveLength(1);
    await next.close();
  });
}
