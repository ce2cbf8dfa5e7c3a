import { statfs } from 'node:fs/promises';
import type { ServerContext } from '../../context.ts';
import type { Jobs, JobStatus } from '../../jobs.ts';
import { BLOCK_CONDEMNED, BLOCK_LOST } from '../../metadata/tables.ts';
import type { CallsOfMinute } from '../../metrics.ts';
import { listUsers, type AdminUser } from '../accounts-command.ts';

export interface Overview {
  readonly users: readonly AdminUser[];
  readonly storage: {
    readonly packs: number;
    readonly packBytes: number;
    readonly blocks: number;
    readonly condemnedBlocks: number;
    readonly lostBlocks: number;
    /** Null where the system does not tell. */
    readonly freeBytes: number | null;
  };
  readonly connections: { readonly listeners: number; readonly devices: number };
  /** The last hour, oldest minute first. */
  readonly calls: readonly CallsOfMinute[];
  readonly jobs: readonly JobStatus[];
}

/** What the admin page shows. Counts of other nodes' connections and calls are not in it. */
export async function readOverview(context: ServerContext, jobs: Jobs): Promise<Overview> {
  const { metadata, config, events, metrics } = context;
  const packs = await metadata.read
    .selectFrom('pack')
    .select((eb) => [
      eb.fn.countAll<number | string>().as('count'),
      eb.fn.coalesce(eb.fn.sum<number | string>('size_bytes'), eb.lit(0)).as('bytes'),
    ])
    .executeTakeFirstOrThrow();
  const states = await metadata.read
    .selectFrom('block')
    .select(['state', (eb) => eb.fn.countAll<number | string>().as('count')])
    .groupBy('state')
    .execute();
  const count = (state: number): number => Number(states.find((row) => row.state === state)?.count ?? 0);
  const room = await statfs(config.data).catch(() => undefined);
  return {
    users: await listUsers(metadata, config.quotaBytesPerUser),
    storage: {
      packs: Number(packs.count),
      packBytes: Number(packs.bytes),
      blocks: states.reduce((sum, row) => sum + Number(row.count), 0),
      condemnedBlocks: count(BLOCK_CONDEMNED),
      lostBlocks: count(BLOCK_LOST),
      freeBytes: room === undefined ? null : room.bavail * room.bsize,
    },
    connections: { listeners: events.listeners(), devices: events.onlineDevices() },
    calls: metrics.lastHour(context.nowMs()),
    jobs: jobs.status(),
  };
}
