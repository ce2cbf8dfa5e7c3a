import { setImmediate as nextTurn } from 'node:timers/promises';
import { changeSum, NO_NODES, rootOf } from '@onefold/journal';
import { equalBytes, OnefoldError, type Hash, type NamespaceId } from '@onefold/protocol';
import { recordAudit } from '../accounts/audit.ts';
import type { StoreContext } from '../context.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import { leafOfRow } from '../journal/node-rows.ts';
import { pagesAsOf } from '../journal/read-snapshot.ts';
import type { Lease } from '../lease.ts';
import type { MetadataDatabase, SqlDialect, Writer } from '../metadata/database.ts';
import type { CheckpointTable } from '../metadata/tables.ts';
import { dropEntries } from './drop-entries.ts';

/*
 * Changesets at or below a checkpoint that is older than a device may be away go, and leave a stub each; all other entries stay.
 *
 *   a checkpoint is old enough -> the tables give its root -> entries go, some in each transaction, from the first on, up to the last but one
 *     -> older checkpoints go -> rows of nodes that only they needed go -> the last entry goes, and it is noted: done
 *
 * Up to where entries are gone is written down with each step: readers are sent to a checkpoint from there on. As long as the last entry stands the checkpoint is
 * due, so that wherever a run dies the next one goes on.
 */

const DAY_MS = 24 * 3_600_000;
const NODES_PER_READ = 500;
const ROWS_PER_STEP = 1_000;

/** False when the lease is another's by now. A journal whose tables contradict it is named in the log and kept whole. */
export async function truncateJournals(context: StoreContext, lease: Lease): Promise<boolean> {
  const { metadata, config, nowMs, log } = context;
  const { journalDays } = config.retention;
  if (journalDays === null) return true;
  for (const checkpoint of await dueCheckpoints(metadata, nowMs() - journalDays * DAY_MS)) {
    try {
      if (!(await truncateBelow(context, lease, checkpoint))) return false;
    } catch (thrown) {
      if (!(thrown instanceof OnefoldError) || thrown.code !== 'internal') throw thrown;
      // Another node was faster: what was looked at is not there any more.
      if (!(await isStillDue(metadata, checkpoint))) continue;
      log.error({ err: thrown, namespace: idOf(checkpoint.namespace) }, 'a journal is kept whole: fsck says more');
    }
  }
  return lease.hold();
}

/** Of each namespace the newest checkpoint that is old enough, if something is still kept below it. */
async function dueCheckpoints(metadata: MetadataDatabase, beforeMs: number): Promise<CheckpointTable[]> {
  const rows = await metadata.read
    .selectFrom('checkpoint as c')
    .innerJoin('namespace as n', 'n.namespace', 'c.namespace')
    .leftJoin('doomed_namespace as d', 'd.namespace', 'c.namespace')
    .selectAll('c')
    .where('d.namespace', 'is', null)
    .where('c.created_at_ms', '<=', beforeMs)
    .whereRef('c.seq', '>', 'n.truncated_seq')
    .orderBy('c.seq')
    .execute();
  return [...new Map(rows.map((row) => [idOf(row.namespace), row])).values()];
}

async function isStillDue({ read }: MetadataDatabase, { namespace, seq }: CheckpointTable): Promise<boolean> {
  const row = await read
    .selectFrom('namespace')
    .select('truncated_seq')
    .where('namespace', '=', namespace)
    .executeTakeFirst();
  return row !== undefined && row.truncated_seq < seq;
}

/** Throws `internal` where the tables are not what the checkpoint says. */
async function truncateBelow(context: StoreContext, lease: Lease, checkpoint: CheckpointTable): Promise<boolean> {
  const { metadata, metrics, nowMs } = context;
  const { namespace, seq } = checkpoint;
  await mustLeadThere(metadata, checkpoint);
  if (!(await givesRoot(metadata, checkpoint, lease))) return false;
  for (let isDone = false; !isDone;) {
    if (!(await lease.hold())) return false;
    const step = await metadata.write((writer) => dropEntries(writer, metadata.sql, checkpoint, { upTo: seq - 1 }));
    metrics.collected('entries', step.dropped);
    isDone = step.isDone;
    await nextTurn();
  }
  await metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, namespace);
    await writer.deleteFrom('checkpoint').where('namespace', '=', namespace).where('seq', '<', seq).execute();
  });
  if (!(await dropOldRows(metadata, lease, namespace, seq))) return false;
  const dropped = await metadata.write((writer) => dropLast(writer, metadata.sql, checkpoint, nowMs()));
  metrics.collected('entries', dropped);
  return lease.hold();
}

/** The step that ends it. */
async function dropLast(writer: Writer, sql: SqlDialect, checkpoint: CheckpointTable, nowMs: number): Promise<number> {
  const { namespace, seq } = checkpoint;
  const { hasCut, dropped } = await dropEntries(writer, sql, checkpoint);
  const event = { action: 'journal-truncated', namespace: idOf<NamespaceId>(namespace), details: String(seq) } as const;
  if (hasCut) await recordAudit(writer, sql, event, nowMs);
  return dropped;
}

/** Throws `internal` where the last entry that is to go is not the one that the checkpoint names. */
async function mustLeadThere(metadata: MetadataDatabase, { namespace, seq, hash }: CheckpointTable): Promise<void> {
  const entry = await metadata.read
    .selectFrom('entry')
    .select('hash')
    .where('namespace', '=', namespace)
    .where('seq', '=', seq)
    .executeTakeFirst();
  if (entry === undefined || !equalBytes(entry.hash, hash))
    throw new OnefoldError('internal', `the journal does not lead to checkpoint ${seq}`);
}

/** Before anything goes, what is to stand for it is added up. False when the lease is another's; throws `internal` when it is not what the checkpoint says. */
async function givesRoot(
  metadata: MetadataDatabase,
  { namespace, seq, node_root: root }: CheckpointTable,
  lease: Lease,
): Promise<boolean> {
  let sum = NO_NODES;
  for await (const page of pagesAsOf(metadata, namespace, seq, NODES_PER_READ)) {
    sum = changeSum(
      sum,
      [],
      page.map(({ row }) => leafOfRow(row)),
    );
    if (!(await lease.hold())) return false;
  }
  if (rootOf(sum) !== idOf<Hash>(root))
    throw new OnefoldError('internal', `the rows as of checkpoint ${seq} are not what it says`);
  return true;
}

/** Rows of nodes that had changed again by the checkpoint: no checkpoint that is kept needs them. */
async function dropOldRows(
  metadata: MetadataDatabase,
  lease: Lease,
  namespace: Uint8Array,
  seq: number,
): Promise<boolean> {
  let after: Uint8Array | null = null;
  for await (const page of pagesAsOf(metadata, namespace, seq, ROWS_PER_STEP)) {
    if (!(await lease.hold())) return false;
    const [from, to]: [Uint8Array | null, Uint8Array] = [after, idBytes(page.at(-1)!.row.node)];
    await metadata.write(async (writer) => {
      await metadata.sql.lockNamespace(writer, namespace);
      let old = writer
        .deleteFrom('node_row')
        .where('namespace', '=', namespace)
        .where('node', '<=', to)
        .where('seq', '<', seq)
        .where((eb) =>
          eb.exists(
            eb
              .selectFrom('node_row as later')
              .select('later.seq')
              .whereRef('later.namespace', '=', 'node_row.namespace')
              .whereRef('later.node', '=', 'node_row.node')
              .whereRef('later.seq', '>', 'node_row.seq')
              .where('later.seq', '<=', seq),
          ),
        );
      if (from !== null) old = old.where('node', '>', from);
      await old.execute();
    });
    after = to;
  }
  return true;
}
