import type { StoreContext } from '../context.ts';
import { BLOCK_CONDEMNED, BLOCK_LOST, BLOCK_STORED } from '../metadata/tables.ts';
import { byNamespace, parts, PER_RUN } from './condemn.ts';

/** Clocks of two nodes may differ by so much. */
export const AHEAD_MS = 3_600_000;

/**
 * What was dated while the clock stood far ahead would stay until that time comes, years perhaps, and count for the quota until then: its time starts anew.
 * Answers how many rows it looked at.
 */
export async function restartFutureClocks({ metadata, nowMs }: StoreContext, isOver: AbortSignal): Promise<number> {
  const now = nowMs();
  const beyondMs = now + AHEAD_MS;
  const found = await metadata.read
    .selectFrom('block')
    .select(['namespace', 'ct_hash'])
    .where('state', 'in', [BLOCK_STORED, BLOCK_CONDEMNED, BLOCK_LOST])
    .where('unreferenced_at_ms', '>', beyondMs)
    .limit(PER_RUN)
    .execute();
  for (const [namespace, hashes] of byNamespace(found)) {
    if (isOver.aborted) break;
    await metadata.write(async (writer) => {
      await metadata.sql.lockNamespace(writer, namespace);
      for (const part of parts(hashes))
        await writer
          .updateTable('block')
          .set({ unreferenced_at_ms: now })
          .where('namespace', '=', namespace)
          .where('ct_hash', 'in', part)
          .where('unreferenced_at_ms', '>', beyondMs)
          .execute();
    });
  }
  const dead = await metadata.read
    .selectFrom('dead_object')
    .select('object_key')
    .where('dead_at_ms', '>', beyondMs)
    .limit(1)
    .executeTakeFirst();
  if (dead !== undefined && !isOver.aborted)
    await metadata.write((writer) =>
      writer.updateTable('dead_object').set({ dead_at_ms: now }).where('dead_at_ms', '>', beyondMs).execute(),
    );
  return found.length;
}
