import { randomBytes } from 'node:crypto';
import { toHex, type NamespaceId, type RetentionPolicy } from '@onefold/protocol';
import { forgetAudit, recordAudit } from '../accounts/audit.ts';
import { isClockSteady } from '../clock-watch.ts';
import type { StoreContext } from '../context.ts';
import { idOf } from '../id-bytes.ts';
import { createLease, type Lease } from '../lease.ts';
import type { Reader } from '../metadata/database.ts';
import { PURGE_GONE } from '../metadata/tables.ts';
import { versionsToPurge } from './choose-versions.ts';
import { chosenPolicy } from './policy.ts';
import { purgeSome, startPurge, startWalk } from './purge-deleted.ts';
import { purgeVersions } from './purge-versions.ts';
import { removeDoomed } from './remove-doomed.ts';
import { truncateJournals } from './truncate-journals.ts';

/*
 * One pass over a namespace, on one node of the server at a time:
 *
 *   trash     what was deleted long enough ago goes, the longest first
 *   versions  files with more than one version, by their ids, a hundred at a time; where it is is written down with each hundred
 *   done      until the next pass is due
 *
 * Every step is one transaction and judges what then stands. Dying in the middle costs nothing: the next run goes on after the last step.
 */

const DAY_MS = 24 * 3_600_000;
const LEASE_MS = 60_000;
const FILES_PER_STEP = 100;
const TRASHED_PER_STEP = 50;
const NAMESPACES_PER_RUN = 1_000;

/** Runs what is due. A run that another node holds up does nothing; one that is over gives the lease up as if another node had it. */
export function createRetention(context: StoreContext): (isOver: AbortSignal) => Promise<void> {
  const holder = toHex(new Uint8Array(randomBytes(8)));
  const own = createLease(context, { name: 'retention', holder, lastsMs: LEASE_MS });
  return async (isOver) => {
    const lease: Lease = { ...own, hold: async () => !isOver.aborted && own.hold() };
    if (!(await lease.hold())) return;
    try {
      if (!(await removeDoomed(context, lease))) return;
      for (const namespace of await dueNamespaces(context))
        if (!(await isClockSteady(context)) || !(await pass(context, lease, namespace))) return;
      if (!(await isClockSteady(context))) return;
      await truncateJournals(context, lease);
      const { auditDays } = context.config.retention;
      if (auditDays !== null)
        await forgetAudit(context.metadata, context.nowMs() - auditDays * DAY_MS, () => lease.hold());
    } finally {
      await lease.giveBack();
    }
  };
}

async function dueNamespaces({ metadata, config, nowMs }: StoreContext): Promise<Uint8Array[]> {
  const rows = await metadata.read
    .selectFrom('namespace as n')
    .leftJoin('retention_pass as p', 'p.namespace', 'n.namespace')
    .leftJoin('doomed_namespace as d', 'd.namespace', 'n.namespace')
    .select('n.namespace')
    .where('d.namespace', 'is', null)
    .where((eb) =>
      eb.or([eb('p.done_at_ms', 'is', null), eb('p.done_at_ms', '<=', nowMs() - config.retention.passEveryMs)]),
    )
    .limit(NAMESPACES_PER_RUN)
    .execute();
  return rows.map((row) => row.namespace);
}

/** False when the lease is another's by now. */
async function pass(context: StoreContext, lease: Lease, namespace: Uint8Array): Promise<boolean> {
  const { read } = context.metadata;
  const begunAtMs = context.nowMs();
  const policy = (await chosenPolicy(read, namespace)) ?? policyOf(context);
  if (!(await purgeTrash(context, lease, namespace, policy))) return false;
  const row = await read
    .selectFrom('retention_pass')
    .select('after_node')
    .where('namespace', '=', namespace)
    .executeTakeFirst();
  for (let after: Uint8Array | null = row?.after_node ?? null; ;) {
    if (!(await lease.hold())) return false;
    const nodes: readonly Uint8Array[] = await filesWithHistory(read, namespace, after);
    const last = nodes.length < FILES_PER_STEP ? null : (nodes[nodes.length - 1] ?? null);
    const reached = last === null ? { doneAtMs: begunAtMs } : { after: last };
    await purgeOld(context, namespace, nodes, policy, reached);
    if (last === null) return true;
    after = last;
  }
}

/** What the configuration says. */
export function policyOf({ config }: Pick<StoreContext, 'config'>): RetentionPolicy {
  const { isThinned, versionDays, versionCount, trashDays } = config.retention;
  return { isThinned, versionDays, versionCount, trashDays };
}

async function filesWithHistory(
  reader: Reader,
  namespace: Uint8Array,
  after: Uint8Array | null,
): Promise<Uint8Array[]> {
  let query = reader.selectFrom('file_version').select('node').where('namespace', '=', namespace);
  if (after !== null) query = query.where('node', '>', after);
  const rows = await query
    .groupBy('node')
    .having((eb) => eb.fn.countAll(), '>', 1)
    .orderBy('node')
    .limit(FILES_PER_STEP)
    .execute();
  return rows.map((row) => row.node);
}

/** One step over files: what the policy lets go of them goes, and the place to go on from, or that the pass is done, is noted. */
async function purgeOld(
  context: StoreContext,
  namespace: Uint8Array,
  nodes: readonly Uint8Array[],
  policy: RetentionPolicy,
  reached: { readonly after: Uint8Array | null } | { readonly doneAtMs: number },
): Promise<void> {
  const { metadata, metrics } = context;
  const purged = await metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, namespace);
    const nowMs = context.nowMs();
    let count = 0;
    for (const node of nodes) {
      const rows = await writer
        .selectFrom('file_version')
        .select(['version', 'accepted_at_ms'])
        .where('namespace', '=', namespace)
        .where('node', '=', node)
        .orderBy('version')
        .execute();
      const versions = rows.map((row) => ({ version: row.version, acceptedAtMs: row.accepted_at_ms }));
      const doomed = versionsToPurge(versions, policy, nowMs);
      if (doomed.length > 0) count += await purgeVersions(writer, namespace, node, doomed, nowMs);
    }
    const row =
      'after' in reached
        ? { namespace, after_node: reached.after, done_at_ms: null }
        : { namespace, after_node: null, done_at_ms: reached.doneAtMs };
    await metadata.sql.insertMany(writer, 'retention_pass', [row], {
      keys: ['namespace'],
      update: ['after_node', 'done_at_ms'],
    });
    const event = {
      action: 'versions-purged',
      namespace: idOf<NamespaceId>(namespace),
      details: String(count),
    } as const;
    if (count > 0) await recordAudit(writer, metadata.sql, event, nowMs);
    return count;
  });
  metrics.collected('versions', purged);
}

/** False when the lease is another's by now. */
async function purgeTrash(
  context: StoreContext,
  lease: Lease,
  namespace: Uint8Array,
  policy: RetentionPolicy,
): Promise<boolean> {
  const { metadata, metrics } = context;
  const beforeMs = policy.trashDays === null ? null : context.nowMs() - policy.trashDays * DAY_MS;
  for (;;) {
    const found = await trashed(metadata.read, namespace, beforeMs);
    for (const node of found) {
      const purged = await metadata.write(async (writer) => {
        await metadata.sql.lockNamespace(writer, namespace);
        const start = await startPurge(writer, namespace, node);
        // Cut off before, or another node was faster: what is left of it goes, and it is noted once.
        if (start === 'going') return true;
        // Restored since it was found.
        if (start !== 'begun') return false;
        const event = { action: 'trash-purged', namespace: idOf<NamespaceId>(namespace), details: idOf(node) } as const;
        await recordAudit(writer, metadata.sql, event, context.nowMs());
        return true;
      });
      const walk = startWalk();
      for (let isDone = !purged; !isDone;) {
        if (!(await lease.hold())) return false;
        const step = await purgeSome(context, namespace, node, walk);
        metrics.collected('versions', step.purged);
        isDone = step.isDone;
      }
    }
    if (found.length < TRASHED_PER_STEP) return lease.hold();
  }
}

/** What was deleted before `beforeMs` (null: nothing), and what somebody began to purge. */
async function trashed(reader: Reader, namespace: Uint8Array, beforeMs: number | null): Promise<Uint8Array[]> {
  const rows = await reader
    .selectFrom('node')
    .select('node')
    .where('namespace', '=', namespace)
    .where('hidden_at_ms', '<=', Math.max(beforeMs ?? 0, 0))
    .where((eb) => eb.or([eb('purge_state', 'is', null), eb('purge_state', '<>', PURGE_GONE)]))
    .orderBy('hidden_at_ms')
    .limit(TRASHED_PER_STEP)
    .execute();
  return rows.map((row) => row.node);
}
