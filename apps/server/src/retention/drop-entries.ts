import { entryHash, nextHash, parseEntry, sha256, type ParsedEntry } from '@onefold/journal';
import { equalBytes, fromHex, OnefoldError, type Hash, type NamespaceId } from '@onefold/protocol';
import { idOf } from '../id-bytes.ts';
import { versionRows } from '../journal/write-effects.ts';
import type { SqlDialect, Writer } from '../metadata/database.ts';
import { PURGE_GOING, PURGE_GONE, type CheckpointTable, type EntryTable } from '../metadata/tables.ts';
import { withPurgePermit } from './purge-versions.ts';

const ENTRIES_PER_STEP = 100;

export interface CutStep {
  /** Changesets that went. */
  readonly dropped: number;
  /** False: there was nothing left to do. */
  readonly hasCut: boolean;
  readonly isDone: boolean;
}

/**
 * One step: the first changesets of a journal that are still kept, and lie at or below `upTo` and a checkpoint, become stubs. Nothing goes that cannot be had elsewhere:
 * throws `internal` where an entry does not chain, or the current version that it made of a file is not kept as it was made.
 */
export async function dropEntries(
  writer: Writer,
  sql: SqlDialect,
  { namespace, seq: last, hash }: CheckpointTable,
  { limit = ENTRIES_PER_STEP, upTo = last }: { readonly limit?: number; readonly upTo?: number } = {},
): Promise<CutStep> {
  await sql.lockNamespace(writer, namespace);
  const row = await writer
    .selectFrom('namespace')
    .select('truncated_seq')
    .where('namespace', '=', namespace)
    .executeTakeFirst();
  // Another node was faster, or the namespace is gone.
  if (row === undefined || row.truncated_seq >= upTo) return { dropped: 0, hasCut: false, isDone: true };
  const entries = await writer
    .selectFrom('entry')
    .selectAll()
    .where('namespace', '=', namespace)
    .where('seq', '>', row.truncated_seq)
    .where('seq', '<=', upTo)
    .orderBy('seq')
    .limit(limit)
    .execute();
  const reached = row.truncated_seq + entries.length;
  const parsed = entries.map((entry, i) => mustChain(entry, row.truncated_seq + 1 + i, entries[i - 1]));
  if (entries.length === 0 || (reached === last && !equalBytes(entries.at(-1).hash, hash)))
    throw new OnefoldError('internal', `the journal does not lead to checkpoint ${last}`);
  await mustBeKept(writer, sql, namespace, entries, parsed);
  const changesets = entries.filter(({ type }) => type === 'changeset');
  const stubs = changesets.map((entry) => ({
    namespace,
    seq: entry.seq,
    entry_hash: fromHex(entryHash(entry)),
    hash: entry.hash,
    header_hash: entry.header_hash,
    device: entry.device,
    device_seq: entry.device_seq,
    op_id: entry.op_id,
    accepted_at_ms: entry.accepted_at_ms,
  }));
  await sql.insertMany(writer, 'entry_stub', stubs);
  await withPurgePermit(writer, () =>
    writer
      .deleteFrom('entry')
      .where('namespace', '=', namespace)
      .where('seq', '>', row.truncated_seq)
      .where('seq', '<=', reached)
      .where('type', '=', 'changeset')
      .execute(),
  );
  await writer.updateTable('namespace').set({ truncated_seq: reached }).where('namespace', '=', namespace).execute();
  return { dropped: stubs.length, hasCut: true, isDone: reached >= upTo };
}

function mustChain(entry: EntryTable, seq: number, before: EntryTable | undefined): ParsedEntry {
  const hash = entryHash(entry);
  // H binds the position, too. The column is believed of the first alone, whose own hash then tells.
  const previous = idOf<Hash>(before?.hash ?? entry.prev_hash);
  const expected = seq === 0 ? hash : nextHash(previous, seq, hash);
  const parsed = parseEntry(entry);
  const isSound =
    expected === idOf<Hash>(entry.hash) &&
    parsed.type === entry.type &&
    sha256(entry.header) === idOf<Hash>(entry.header_hash) &&
    parsed.header.device === idOf(entry.device) &&
    parsed.header.deviceSeq === entry.device_seq &&
    parsed.header.opId === idOf(entry.op_id);
  if (!isSound) throw new OnefoldError('internal', `entry ${seq} is not what the journal says`);
  return parsed;
}

/** Once they are gone, the table of versions is the only place where the sealed parts of contents are. */
async function mustBeKept(
  writer: Writer,
  sql: SqlDialect,
  namespace: Uint8Array,
  entries: readonly EntryTable[],
  parsed: readonly ParsedEntry[],
): Promise<void> {
  const made = parsed.flatMap((entry, i) => {
    const { seq, accepted_at_ms: nowMs } = entries[i]!;
    return versionRows({ namespace: idOf<NamespaceId>(namespace), parsed: entry, seq, nowMs });
  });
  const keys = made.map(({ node, version }) => [namespace, node, version]);
  const stored = await sql.findMany(
    writer,
    'file_version',
    ['node', 'version', 'sealed'],
    ['namespace', 'node', 'version'],
    keys,
  );
  const kept = new Map(stored.map((one) => [`${idOf(one.node)} ${one.version}`, one.sealed]));
  const nodes = await sql.findMany(
    writer,
    'node',
    ['node', 'content_version', 'purge_state'],
    ['namespace', 'node'],
    made.map(({ node }) => [namespace, node]),
  );
  const current = new Map(nodes.map((node) => [idOf(node.node), node]));
  for (const { node, version, sealed } of made) {
    const its = kept.get(`${idOf(node)} ${version}`);
    const now = current.get(idOf(node));
    const mayLack =
      now !== undefined &&
      (now.content_version > version || now.purge_state === PURGE_GOING || now.purge_state === PURGE_GONE);
    if (its === undefined ? !mayLack : !equalBytes(its, sealed))
      throw new OnefoldError('internal', `version ${version} of node ${idOf(node)} is not kept as it was made`);
  }
}
