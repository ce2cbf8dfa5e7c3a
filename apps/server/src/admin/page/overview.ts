import { statfs } from 'node:fs/promises';
import type { ServerContext } from '../../context.ts';
import type { Jobs, JobStatus } from '../../jobs.ts';
import type { CallsOfMinute } from '../../metrics.ts';
import { listUsers, type AdminUser } from '../accounts-command.ts';
import type { StorageTotals } from './storage-totals.ts';

export interface Overview {
  readonly users: readonly AdminUser[];
  readonly storage: StorageTotals & {
    /** Null where the system does not tell. */
    readonly freeBytes: number | null;
  };
  readonly connections: { readonly listeners: number; readonly devices: number };
  /** The last hour, oldest minute first. */
  readonly calls: readonly CallsOfMinute[];
  readonly jobs: readonly JobStatus[];
}

/** What the admin page shows. Counts of other nodes' connections and calls are not in it. */
export async function readOverview(
  context: ServerContext,
  jobs: Jobs,
  storageTotals: () => Promise<StorageTotals>,
): Promise<Overview> {
  const { metadata, config, events, metrics } = context;
  const room = await statfs(config.data).catch(() => undefined);
  return {
    users: await listUsers(metadata, config.quotaBytesPerUser),
    storage: {
      ...(await storageTotals()),
      freeBytes: room === undefined ? null : room.bavail * room.bsize,
    },
    connections: { listeners: events.listeners(), devices: events.onlineDevices() },
    calls: metrics.lastHour(context.nowMs()),
    jobs: jobs.status(),
  };
}
