import { sql } from 'kysely';
import type { NamespaceId } from '@onefold/protocol';
import { recordAudit } from '../accounts/audit.ts';
import type { StoreContext } from '../context.ts';
import { idOf } from '../id-bytes.ts';
import type { Lease } from '../lease.ts';
import type { Writer } from '../metadata/database.ts';
import type { Tables } from '../metadata/tables.ts';
import { withPurgePermit } from './purge-versions.ts';

const ROWS_PER_STEP = 2_000;
const PACKS_PER_STEP = 50;

/** Every table that knows a namespace besides packs and blocks, with the column after it in its key, in the order in which their rows go. */
const PARTS = [
  ['upload_block', 'upload'],
  ['upload', 'upload'],
  ['direct_pack', 'pack'],
  ['thinned_pack', 'pack'],
  ['version_block', 'node'],
  ['file_version', 'node'],
  ['node', 'node'],
  ['node_row', 'node'],
  ['checkpoint', 'seq'],
  ['entry_stub', 'seq'],
  ['entry', 'seq'],
] as const satisfies readonly (readonly [keyof Tables, string])[];

/**
 * Takes away what is kept of namespaces that nobody is a member of any more, in small transactions; cut off in the middle, the next run goes on. Objects of
 * packs go by collection. False when the lease is another's by now.
 */
export async function removeDoomed(context: StoreContext, lease: Lease): Promise<boolean> {
  const { metadata } = context;
  const doomed = await metadata.read.selectFrom('doomed_namespace').select('namespace').execute();
  for (const { namespace } of doomed) {
    const step = (work: (writer: Writer) => Promise<boolean>): Promise<boolean> =>
      metadata.write(async (writer) => {
        await metadata.sql.lockNamespace(writer, namespace);
        return work(writer);
      });
    for (const [table, column] of PARTS)
      while (!(await step((writer) => removeRows(writer, table, column, namespace))))
        if (!(await lease.hold())) return false;
    while (!(await step((writer) => removePacks(context, writer, namespace)))) if (!(await lease.hold())) return false;
    await step((writer) => removeNamespace(context, writer, namespace));
  }
  return lease.hold();
}

/** True when that was all. What comes under the same value of `column` goes together. */
async function removeRows(
  writer: Writer,
  table: keyof Tables,
  column: string,
  namespace: Uint8Array,
): Promise<boolean> {
  return withPurgePermit(writer, async () => {
    const { numAffectedRows = 0n } = await sql`delete from ${sql.table(table)}
      where namespace = ${namespace} and ${sql.ref(column)} in (
        select ${sql.ref(column)} from ${sql.table(table)} where namespace = ${namespace} limit ${sql.lit(ROWS_PER_STEP)})`.execute(
      writer,
    );
    return numAffectedRows < ROWS_PER_STEP;
  });
}

/** Packs with the blocks in them: at no moment does a block lie in a pack that is not there. */
async function removePacks(
  { metadata, nowMs, metrics }: StoreContext,
  writer: Writer,
  namespace: Uint8Array,
): Promise<boolean> {
  const packs = await writer
    .selectFrom('pack')
    .select(['pack', 'object_key', 'size_bytes'])
    .where('namespace', '=', namespace)
    .limit(PACKS_PER_STEP)
    .execute();
  for (const { pack } of packs) {
    await writer.deleteFrom('block').where('namespace', '=', namespace).where('pack', '=', pack).execute();
    await writer.deleteFrom('pack').where('namespace', '=', namespace).where('pack', '=', pack).execute();
  }
  const dead = packs.map((row) => ({ object_key: row.object_key, dead_at_ms: nowMs() }));
  await metadata.sql.insertMany(writer, 'dead_object', dead, 'keep');
  const freed = packs.reduce((sum, row) => sum + row.size_bytes, 0);
  await writer
    .updateTable('namespace')
    .set((row) => ({ stored_bytes: row('stored_bytes', '-', freed) }))
    .where('namespace', '=', namespace)
    .execute();
  metrics.collected('packs', packs.length);
  return packs.length < PACKS_PER_STEP;
}

async function removeNamespace(
  { metadata, nowMs }: StoreContext,
  writer: Writer,
  namespace: Uint8Array,
): Promise<boolean> {
  const { numDeletedRows } = await writer
    .deleteFrom('doomed_namespace')
    .where('namespace', '=', namespace)
    .executeTakeFirstOrThrow();
  // Another node was faster.
  if (numDeletedRows === 0n) return true;
  for (const table of ['retention', 'retention_pass', 'tree_sum', 'namespace'] as const)
    await writer.deleteFrom(table).where('namespace', '=', namespace).execute();
  const event = { action: 'namespace-removed', namespace: idOf<NamespaceId>(namespace) } as const;
  await recordAudit(writer, metadata.sql, event, nowMs());
  return true;
}
