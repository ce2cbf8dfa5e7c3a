import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepResult, spread } from './bench-result.ts';
import { engineFolder } from './engine-folder.ts';
import { startCluster } from './linearizability/cluster.ts';
import { makeDevices } from './linearizability/clients.ts';
import { spawnServer } from './spawned-server.ts';
import { createClient, createFile, valueOf, type TestClient } from './test-client.ts';

/*
 * node apps/server/src/testing/bench-commits.ts [SECONDS]
 *
 * Commits a second, and how long each takes, on SQLite and on PostgreSQL, by one node and by three. Databases are durable: every commit is flushed before it is
 * answered. The clients, which sign every entry, are one process on the same machine and count into the times. Results go to bench/results/.
 */

const SECONDS = Number(process.argv[2] ?? 8);
const WARM_UP_MS = 1_500;

interface Ground {
  readonly urls: readonly string[];
  end(): Promise<void>;
}

async function onSqlite(): Promise<Ground> {
  const data = mkdtempSync(join(tmpdir(), 'onefold-bench-'));
  process.env['ONEFOLD_SERVER_LIMITS_DEVICE_PER_MINUTE'] = '100000000';
  process.env['ONEFOLD_SERVER_LIMITS_ANONYMOUS_PER_MINUTE'] = '1000000';
  process.env['ONEFOLD_SERVER_LOG_LEVEL'] = 'error';
  const server = await spawnServer(data);
  return {
    urls: [server.url],
    async end() {
      await server.end('SIGTERM');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function onPostgres(nodes: number, hasStandby: boolean): Promise<Ground> {
  const folder = engineFolder();
  const cluster = await startCluster({ folder: folder.path, nodes, hasStandby, config: { logLevel: 'error' } });
  return {
    urls: cluster.urls,
    async end() {
      await cluster.end();
      folder.remove();
    },
  };
}

/** Every client commits one new file after the other. */
async function load(clients: readonly TestClient[]): Promise<object> {
  const times: number[] = [];
  const fromMs = performance.now() + WARM_UP_MS;
  const untilMs = fromMs + SECONDS * 1_000;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < untilMs) {
        const startMs = performance.now();
        const { outcome } = valueOf(await client.commit([createFile([])]));
        if (outcome !== 'committed') throw new Error(outcome);
        if (startMs > fromMs) times.push(performance.now() - startMs);
      }
    }),
  );
  return { clients: clients.length, commitsPerSecond: Math.round(times.length / SECONDS), ...spread(times) };
}

async function measure(ground: Ground): Promise<object> {
  const { urls } = ground;
  const urlOf = (i: number): string => urls[i % urls.length] ?? '';
  try {
    const own = await Promise.all(Array.from({ length: 32 }, (_, i) => createClient(urlOf(i))));
    const shared = await makeDevices(ground, 16);
    for (const [i, client] of shared.entries()) client.url = urlOf(i);
    return {
      oneDevice: await load(own.slice(0, 1)),
      manyFolders: await load(own),
      oneFolderManyDevices: await load(shared),
    };
  } finally {
    await ground.end();
  }
}

keepResult('server-commits', {
  secondsEach: SECONDS,
  sqlite: await measure(await onSqlite()),
  postgresOneNode: await measure(await onPostgres(1, false)),
  postgresThreeNodes: await measure(await onPostgres(3, false)),
  postgresThreeNodesSynchronousStandby: await measure(await onPostgres(3, true)),
});
process.exit(0);
