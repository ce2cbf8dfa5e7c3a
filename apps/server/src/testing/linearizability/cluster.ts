import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  findFreePorts,
  spawnEngine,
  whenReady,
  type EngineProcess,
} from '../../../../../tools/engines/engine-process.ts';
import { startPostgres, type Postgres } from '../../../../../tools/engines/postgres.ts';
import { startRedis, type Redis } from '../../../../../tools/engines/redis.ts';
import type { ServerConfigInput } from '../../config.ts';
import { engineFolder } from '../engine-folder.ts';

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));
const PLANT = fileURLToPath(new URL('./plant.ts', import.meta.url));

/** Longer than any run. */
const SESSION_MS = 3 * 3_600_000;
const ENTRY_CACHE_BYTES = 512 * 1024;

/** Server nodes as processes of their own, on one PostgreSQL (with a synchronous standby, if asked for) and one Redis. */
export interface Cluster {
  readonly urls: readonly string[];
  readonly redis: Redis;
  /** Devices can reach the object store by themselves. */
  readonly isDirect: boolean;
  primary(): Postgres;
  node(at: number): EngineProcess;
  startNode(at: number): Promise<void>;
  /** Kills the primary for good and promotes its standby, which then gets a standby of its own. */
  failOver(): Promise<void>;
  end(): Promise<void>;
}

export interface ClusterOptions {
  readonly folder: string;
  readonly nodes: number;
  readonly hasStandby?: boolean;
  /** Name of a bug of plant.ts that every node is to have. */
  readonly bug?: string;
  readonly config?: Partial<ServerConfigInput>;
}

/** One in a folder of its own for as long as the work takes. `bug` is planted in it, if any. */
export async function withCluster<T>(
  { bug, ...options }: Omit<ClusterOptions, 'folder' | 'bug'> & { readonly bug: string | undefined },
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const own = engineFolder();
  const cluster = await startCluster({ ...options, folder: own.path, ...(bug === undefined ? {} : { bug }) });
  try {
    return await work(cluster);
  } finally {
    await cluster.end();
    own.remove();
  }
}

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { folder } = options;
  const [first, redis] = await Promise.all([startPostgres({ folder, isDurable: true }), startRedis({ folder })]);
  let primary = first;
  let standbys = 0;
  const addStandby = (): Promise<Postgres> => primary.addSynchronousStandby(`standby${++standbys}`);
  let standby = options.hasStandby === true ? await addStandby() : undefined;
  const dead: Postgres[] = [];
  const ports = await findFreePorts(options.nodes);
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const nodes: EngineProcess[] = [];

  async function startNode(at: number): Promise<void> {
    const name = `node${at}`;
    const file = join(folder, `${name}.json`);
    const databases = [primary, ...(standby === undefined ? [] : [standby])];
    const config: ServerConfigInput = {
      data: join(folder, name),
      listen: `127.0.0.1:${ports[at] ?? 0}`,
      logFile: join(folder, `${name}.log.json`),
      postgres: { urls: databases.map(({ url }) => url) },
      redis: { url: redis.url },
      metrics: 'public',
      sessionMs: SESSION_MS,
      limits: {
        anonymousPerMinute: 1_000_000,
        devicePerMinute: 10_000_000,
        pendingUploadsPerDevice: 1_000_000,
        // So little that pages from far back are had from Redis, or not at all.
        entryCacheBytes: ENTRY_CACHE_BYTES,
      },
      ...options.config,
    };
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(file, JSON.stringify(config));
    const planted = options.bug === undefined ? [] : ['--import', PLANT];
    const args = [...planted, MAIN, '--config', file, '--json'];
    const env = options.bug === undefined ? [] : [`ONEFOLD_PLANTED_BUG=${options.bug}`];
    const command = { name, folder, command: 'env', args: [...env, process.execPath, ...args] };
    const node = spawnEngine(command);
    nodes[at] = node;
    await whenReady(node, command, async () => (await fetch(`${urls[at] ?? ''}/readyz`)).ok);
  }

  await Promise.all(urls.map((_, at) => startNode(at)));
  return {
    urls,
    redis,
    isDirect: options.config?.s3?.deviceEndpoint !== undefined,
    primary: () => primary,
    node: (at) => nodes[at] as EngineProcess,
    startNode,
    async failOver() {
      if (standby === undefined) throw new Error('there is no standby');
      await primary.kill();
      dead.push(primary);
      await standby.promote();
      primary = standby;
      standby = undefined;
      standby = await addStandby();
    },
    async end() {
      const engines = [...nodes, redis, primary, ...(standby === undefined ? [] : [standby])];
      await Promise.all(engines.map((engine) => engine.kill()));
    },
  };
}
