import { createHash } from 'node:crypto';
import type { ServerContext } from '../context.ts';
import { idOf } from '../id-bytes.ts';
import type { Writer } from '../metadata/database.ts';

/* Failed attempts at something secret are counted for a while, by who tried and at what. */

const WINDOW_MS = 15 * 60_000;
/** No window ends later, whichever node began it: whoever did had a clock that was wrong, and it has ended. */
const IMPLAUSIBLE_MS = 2 * WINDOW_MS;

/** A counter, and how many failures within the window are too many. */
export type AttemptLimit = readonly [bucket: Uint8Array, failures: number];

/** Counters are kept under hashes: the table tells nobody's address. */
export function attemptBucket(kind: string, text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(`onefold/login-attempt/v1\0${kind}\0${text}`).digest());
}

/** Has one of the buckets been full within its window? */
export async function isThrottled(writer: Writer, buckets: readonly AttemptLimit[], nowMs: number): Promise<boolean> {
  const rows = await writer
    .selectFrom('login_attempt')
    .select(['bucket', 'failures'])
    .where(
      'bucket',
      'in',
      buckets.map(([key]) => key),
    )
    .where('window_ends_at_ms', '>', nowMs)
    .where('window_ends_at_ms', '<=', nowMs + IMPLAUSIBLE_MS)
    .execute();
  const failures = new Map(rows.map((row) => [idOf(row.bucket), row.failures]));
  return buckets.some(([key, limit]) => (failures.get(idOf(key)) ?? 0) >= limit);
}

export async function countFailure(
  context: Pick<ServerContext, 'metadata'>,
  writer: Writer,
  buckets: readonly AttemptLimit[],
  nowMs: number,
): Promise<void> {
  await writer
    .deleteFrom('login_attempt')
    .where((eb) => eb.or([eb('window_ends_at_ms', '<=', nowMs), eb('window_ends_at_ms', '>', nowMs + IMPLAUSIBLE_MS)]))
    .execute();
  for (const [key] of buckets) {
    const row = { bucket: key, failures: 0, window_ends_at_ms: nowMs + WINDOW_MS };
    await context.metadata.sql.insertMany(writer, 'login_attempt', [row], 'keep');
    await writer
      .updateTable('login_attempt')
      .set((row) => ({ failures: row('failures', '+', 1) }))
      .where('bucket', '=', key)
      .execute();
  }
}
