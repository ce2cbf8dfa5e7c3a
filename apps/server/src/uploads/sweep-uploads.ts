import type { NamespaceId, UploadId } from '@onefold/protocol';
import { AHEAD_MS } from '../collect/future-clocks.ts';
import type { ServerContext } from '../context.ts';
import { idOf } from '../id-bytes.ts';
import { forgetGrants } from '../packs/direct-grants.ts';
import { countUnstored, noticeOf, reevaluate, unpin } from './upload-state.ts';

/** Uploads one run looks at, of each kind; the next run goes on where it ended. */
const PER_RUN = 500;

type SweepContext = Pick<ServerContext, 'metadata' | 'nowMs' | 'config' | 'bus'>;

/** Re-evaluates what waits, expires what waited too long, forgets what ended long ago. Losing a run costs delay only. */
export function createUploadSweeper(context: SweepContext): (isOver: AbortSignal) => Promise<void> {
  let after: Place | undefined;
  return async (isOver) => {
    after = await reevaluateWaiting(context, after, isOver);
    await shortenLives(context, isOver);
    await expireOld(context, isOver);
    if (isOver.aborted) return;
    await forgetEnded(context, isOver);
    await forgetGrants(context);
  };
}

interface Place {
  readonly namespace: Uint8Array;
  readonly upload: Uint8Array;
}

/** Answers where the next run goes on; undefined = from the start. */
async function reevaluateWaiting(
  context: SweepContext,
  after: Place | undefined,
  isOver: AbortSignal,
): Promise<Place | undefined> {
  const { read } = context.metadata;
  let query = read
    .selectFrom('upload')
    .select(['namespace', 'upload'])
    .where('state', '=', 'pending')
    .where('is_complete_list', '=', 1);
  if (after !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('namespace', '>', after.namespace),
        eb.and([eb('namespace', '=', after.namespace), eb('upload', '>', after.upload)]),
      ]),
    );
  const rows = await query.orderBy('namespace').orderBy('upload').limit(PER_RUN).execute();
  for (const row of rows) {
    if (isOver.aborted) break;
    if ((await countUnstored(read, row.namespace, row.upload)) === 0)
      await reevaluate(context, idOf<NamespaceId>(row.namespace), idOf<UploadId>(row.upload));
  }
  return rows.length < PER_RUN ? undefined : rows[rows.length - 1];
}

/** One that was opened while the clock stood far ahead would hold its blocks for years: it lives as long as one that is opened now. */
async function shortenLives({ metadata, nowMs, config }: SweepContext, isOver: AbortSignal): Promise<void> {
  const untilMs = nowMs() + config.uploadExpiryMs;
  const found = await metadata.read
    .selectFrom('upload')
    .select(['namespace', 'upload'])
    .where('state', 'in', ['pending', 'uploaded', 'committed', 'expired'])
    .where('expires_at_ms', '>', untilMs + AHEAD_MS)
    .limit(PER_RUN)
    .execute();
  for (const { namespace, upload } of found) {
    if (isOver.aborted) return;
    await metadata.write(async (writer) => {
      await metadata.sql.lockNamespace(writer, namespace);
      await writer
        .updateTable('upload')
        .set({ expires_at_ms: untilMs })
        .where('namespace', '=', namespace)
        .where('upload', '=', upload)
        .where('expires_at_ms', '>', untilMs + AHEAD_MS)
        .execute();
    });
  }
}

async function expireOld(context: SweepContext, isOver: AbortSignal): Promise<void> {
  const { metadata } = context;
  const nowMs = context.nowMs();
  const old = await metadata.read
    .selectFrom('upload')
    .select(['namespace', 'upload', 'device', 'nodes'])
    .where('state', 'in', ['pending', 'uploaded'])
    .where('expires_at_ms', '<=', nowMs)
    .limit(PER_RUN)
    .execute();
  for (const row of old) {
    if (isOver.aborted) break;
    const hasExpired = await metadata.write(async (writer) => {
      await metadata.sql.lockNamespace(writer, row.namespace);
      const result = await writer
        .updateTable('upload')
        .set({ state: 'expired' })
        .where('namespace', '=', row.namespace)
        .where('upload', '=', row.upload)
        .where('state', 'in', ['pending', 'uploaded'])
        .where('expires_at_ms', '<=', nowMs)
        .executeTakeFirst();
      if (result.numUpdatedRows === 0n) return false;
      await unpin(writer, row.namespace, row.upload);
      return true;
    });
    if (hasExpired) context.bus.publish({ kind: 'uploading', event: noticeOf(row, 'expired') });
  }
}

/** An ended upload's row is kept for those who ask what became of it, and no longer. */
async function forgetEnded(context: SweepContext, isOver: AbortSignal): Promise<void> {
  const { metadata } = context;
  const endedBeforeMs = context.nowMs() - context.config.uploadOutcomeMs;
  const ended = await metadata.read
    .selectFrom('upload')
    .select(['namespace', 'upload'])
    .where('state', 'in', ['committed', 'expired'])
    .where('expires_at_ms', '<=', endedBeforeMs)
    .limit(PER_RUN)
    .execute();
  const byNamespace = new Map<string, Place[]>();
  for (const row of ended) {
    const own = byNamespace.get(idOf(row.namespace));
    if (own === undefined) byNamespace.set(idOf(row.namespace), [row]);
    else own.push(row);
  }
  for (const rows of byNamespace.values()) {
    if (isOver.aborted) return;
    await metadata.write(async (writer) => {
      await metadata.sql.lockNamespace(writer, (rows[0] as Place).namespace);
      for (const row of rows) {
        await unpin(writer, row.namespace, row.upload);
        await writer
          .deleteFrom('upload')
          .where('namespace', '=', row.namespace)
          .where('upload', '=', row.upload)
          .where('state', 'in', ['committed', 'expired'])
          .execute();
      }
    });
  }
}
