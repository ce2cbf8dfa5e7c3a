import { statfs } from 'node:fs/promises';
import type { ServerContext } from '../../context.ts';
import type { Jobs, JobStatus } from '../../jobs.ts';
import type { CallsOfMinute } from '../../metrics.ts';
import { needsDataFolder } from '../../open-engines.ts';
import { listUsers, type AdminUser } from '../accounts-command.ts';
import type { StorageTotals } from './storage-totals.ts';

export interface Overview {
  readonly users: readonly AdminUser[];
  readonly storage: StorageTotals & {
    /** Null where the system does not tell, or this node keeps nothing. */
    readonly freeBytes: number | null;
    /** Less than a twentieth of the disk is free. */
    readonly isNearlyFull: boolean;
  };
  /** Whether there may be other nodes: connections, calls and jobs are those of this one. */
  readonly isOneOfMany: boolean;
  readonly connections: { readonly listeners: number; readonly devices: number };
  /** The last hour, oldest minute first. */
  readonly calls: readonly CallsOfMinute[];
  readonly jobs: readonly JobStatus[];
}

const NEARLY_FULL = 1 / 20;

/** What the admin page shows. Counts of other nodes' connections and calls are not in it. */
export async function readOverview(
  context: ServerContext,
  jobs: Jobs,
  storageTotals: () => Promise<StorageTotals>,
): Promise<Overview> {
  const { metadata, config, events, metrics } = context;
  const room = needsDataFolder(config) ? await statfs(config.data).catch(() => undefined) : undefined;
  return {
    users: await listUsers(metadata, config.quotaBytesPerUser),
    storage: {
      ...(await storageTotals()),
      freeBytes: room === undefined ? null : room.bavail * room.bsize,
      isNearlyFull: room !== undefined && room.bavail < room.blocks * NEARLY_FULL,
    },
    isOneOfMany: config.postgres !== undefined,
    connections: { listeners: events.listeners(), devices: events.onlineDevices() },
    calls: metrics.lastHour(),
    jobs: jobs.status(),
  };
}
