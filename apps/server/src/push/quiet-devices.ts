import type { DeviceId } from '@onefold/protocol';
import { idOf } from '../id-bytes.ts';
import type { MetadataDatabase } from '../metadata/database.ts';

/*
 * Who may wake a device, and when: all nodes ask the database, so that a device is woken once in its quiet however many of them have news for it.
 *
 *   quiet_until_ms is past    whoever sets it anew wakes the device
 *   it is still to come       look again then. Where it is another one by that time somebody has woken the device meanwhile, which is all that was wanted
 *
 * Values are compared for being the same, never with another node's clock.
 */

/** Further ahead than this it was set by a clock that was wrong. */
const LONGEST_QUIET_MS = 3_600_000;

/** Whether a device may be woken now. */
export function isDue(quietUntilMs: number, nowMs: number, quietMs: number): boolean {
  return quietUntilMs <= nowMs || quietUntilMs > nowMs + Math.max(quietMs, LONGEST_QUIET_MS);
}

/** Takes it on to wake these devices. Answers those that fell to the caller, with the end of the quiet that this began. */
export async function claimWakeUps(
  metadata: MetadataDatabase,
  devices: readonly Uint8Array[],
  { nowMs, quietMs }: { readonly nowMs: number; readonly quietMs: number },
): Promise<ReadonlySet<DeviceId>> {
  if (devices.length === 0) return new Set();
  const claimed = await metadata.write((writer) =>
    writer
      .updateTable('device')
      .set({ quiet_until_ms: nowMs + quietMs })
      .where('device', 'in', devices)
      .where((eb) =>
        eb.or([
          eb('quiet_until_ms', '<=', nowMs),
          eb('quiet_until_ms', '>', nowMs + Math.max(quietMs, LONGEST_QUIET_MS)),
        ]),
      )
      .returning('device')
      .execute(),
  );
  return new Set(claimed.map(({ device }) => idOf<DeviceId>(device)));
}

/** Its push service asked every node for patience. */
export async function leaveAlone(metadata: MetadataDatabase, device: Uint8Array, untilMs: number): Promise<void> {
  await metadata.write((writer) =>
    writer.updateTable('device').set({ quiet_until_ms: untilMs }).where('device', '=', device).execute(),
  );
}
