import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Writer } from '../metadata/database.ts';

/*
 * History is removed here and nowhere else. Version v of a file uses the blocks of v-1, plus what it adds, less what it drops; when a version goes, the next
 * one that is kept takes over what it said:
 *
 *   the last word about a block counts: what the next version says of it stays, what it does not mention comes over
 *   a block that was added and dropped in between is named by nobody any more
 *
 * so that "some kept version adds it" stays the same as "some kept version uses it", which is all that collection asks. A block that nobody names any more is
 * not deleted: its grace begins.
 */

/** Lets the transaction delete history while `work` runs. No other transaction sees the permit. */
export async function withPurgePermit<T>(writer: Writer, work: () => Promise<T>): Promise<T> {
  const id = new Uint8Array(randomBytes(16));
  await writer.insertInto('purge_permit').values({ id }).execute();
  const result = await work();
  await writer.deleteFrom('purge_permit').where('id', '=', id).execute();
  return result;
}

/** Removes versions of one file, in a transaction that holds the namespace. Those that do not exist are passed over. Answers how many there were. */
export async function purgeVersions(
  writer: Writer,
  namespace: Uint8Array,
  node: Uint8Array,
  versions: readonly number[],
  nowMs: number,
): Promise<number> {
  return withPurgePermit(writer, async () => {
    let purged = 0;
    // The newest first: each hands what it says to the next version that is still there.
    for (const version of [...versions].sort((a, b) => b - a)) {
      const next = await nextVersion(writer, namespace, node, version);
      if (next !== undefined) await handOver(writer, namespace, node, version, next);
      await releaseBlocks(writer, namespace, node, version, nowMs);
      await sql`delete from version_block where namespace = ${namespace} and node = ${node} and version = ${version}`.execute(
        writer,
      );
      if (next !== undefined) await forgetVainDrops(writer, namespace, node, next);
      const { numDeletedRows } = await writer
        .deleteFrom('file_version')
        .where('namespace', '=', namespace)
        .where('node', '=', node)
        .where('version', '=', version)
        .executeTakeFirstOrThrow();
      purged += Number(numDeletedRows);
    }
    return purged;
  });
}

async function nextVersion(
  writer: Writer,
  namespace: Uint8Array,
  node: Uint8Array,
  version: number,
): Promise<number | undefined> {
  const row = await writer
    .selectFrom('file_version')
    .select('version')
    .where('namespace', '=', namespace)
    .where('node', '=', node)
    .where('version', '>', version)
    .orderBy('version')
    .limit(1)
    .executeTakeFirst();
  return row?.version;
}

async function handOver(
  writer: Writer,
  namespace: Uint8Array,
  node: Uint8Array,
  from: number,
  to: number,
): Promise<void> {
  await sql`insert into version_block (namespace, node, version, ct_hash, is_added)
    select v.namespace, v.node, ${sql.lit(to)}, v.ct_hash, v.is_added from version_block v
    where v.namespace = ${namespace} and v.node = ${node} and v.version = ${from} and not exists (
      select 1 from version_block said
      where said.namespace = v.namespace and said.node = v.node and said.version = ${to} and said.ct_hash = v.ct_hash)`.execute(
    writer,
  );
}

/** Starts the grace of blocks that only this version names. */
async function releaseBlocks(
  writer: Writer,
  namespace: Uint8Array,
  node: Uint8Array,
  version: number,
  nowMs: number,
): Promise<void> {
  await sql`update block set unreferenced_at_ms = ${nowMs}
    where namespace = ${namespace} and unreferenced_at_ms is null and ct_hash in (
      select v.ct_hash from version_block v
      where v.namespace = ${namespace} and v.node = ${node} and v.version = ${version} and v.is_added = 1)
    and not exists (
      select 1 from version_block o
      where o.namespace = block.namespace and o.ct_hash = block.ct_hash and o.is_added = 1
      and not (o.node = ${node} and o.version = ${version}))`.execute(writer);
}

/** A version need not drop what no version before it adds. */
async function forgetVainDrops(
  writer: Writer,
  namespace: Uint8Array,
  node: Uint8Array,
  version: number,
): Promise<void> {
  await sql`delete from version_block
    where namespace = ${namespace} and node = ${node} and version = ${version} and is_added = 0 and not exists (
      select 1 from version_block e
      where e.namespace = version_block.namespace and e.node = version_block.node and e.ct_hash = version_block.ct_hash
      and e.version < ${version} and e.is_added = 1)`.execute(writer);
}
