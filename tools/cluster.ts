import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService, type Service } from './command-line.ts';
import { startCeph } from './engines/ceph.ts';
import { findFreePorts } from './engines/engine-process.ts';
import { startBalancer } from './engines/balancer.ts';
import { startPostgres } from './engines/postgres.ts';
import { startRedis } from './engines/redis.ts';
import { makeBucket } from './engines/s3-bucket.ts';

/*
 * `npm run cluster`: a server of three nodes on this machine, as a large one would stand: PostgreSQL with a synchronous standby, Redis, Ceph's S3, HAProxy.
 * Everything lies in a temporary folder and ends with this process.
 */

const NODES = 3;
const BUCKET = 'onefold';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), 'onefold-cluster-'));
chmodSync(folder, 0o755);

const enders: (() => Promise<unknown>)[] = [];
let isEnding = false;
async function end(code: number): Promise<never> {
  isEnding = true;
  for (const ender of enders.splice(0).reverse()) await ender().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (!isEnding) void end(0);
  });

try {
  const [postgres, redis, ceph] = await Promise.all([
    startPostgres({ folder, isDurable: true }).then(async (primary) => {
      const standby = await primary.addSynchronousStandby('standby');
      enders.push(() => Promise.all([primary.kill(), standby.kill()]));
      return [primary, standby];
    }),
    startRedis({ folder }).then((engine) => {
      enders.push(() => engine.kill());
      return engine;
    }),
    startCeph({ folder, keeps: 'memory' }).then((engine) => {
      enders.push(() => engine.kill());
      return engine;
    }),
  ]);
  await makeBucket(ceph.access, BUCKET);
  const { endpoint, region, accessKeyId, secretAccessKey } = ceph.access;
  const ports = await findFreePorts(NODES);
  const nodes = await Promise.all(
    ports.map(async (port, i): Promise<Service> => {
      const file = join(folder, `node${i + 1}.json`);
      const config = {
        listen: `127.0.0.1:${port}`,
        trustProxy: true,
        logFile: join(folder, `node${i + 1}.log`),
        postgres: { urls: postgres.map(({ url }) => url) },
        redis: { url: redis.url },
        s3: { bucket: BUCKET, endpoint, region, accessKeyId, secretAccessKey },
      };
      writeFileSync(file, JSON.stringify(config, undefined, 2), { mode: 0o600 });
      return startService('onefold-server', ['--config', file]);
    }),
  );
  enders.push(() => Promise.all(nodes.map((node) => node.end('SIGTERM'))));
  const balancer = await startBalancer({ kind: 'haproxy', folder, nodes: ports.map((port) => `127.0.0.1:${port}`) });
  enders.push(() => balancer.kill());
  say(`
Onefold on ${NODES} nodes is ready at ${balancer.url}

  node 1 to ${NODES}     ${ports.map((port, i) => `http://127.0.0.1:${port} (pid ${nodes[i]?.pid ?? 0})`).join('\n                  ')}
  PostgreSQL      ${postgres[0]?.url ?? ''}
  its standby     ${postgres[1]?.url ?? ''}
  Redis           ${redis.url}
  Ceph's S3       ${endpoint}, bucket ${BUCKET}, key ${accessKeyId}, secret ${secretAccessKey}
  logs, configs   ${folder}

Make an account and sync a folder with it, as README.md tells, by

  npx onefold account create --server ${balancer.url} --email you@example.org --password-file pw --kit kit.txt

Kill any node: clients go on with the others. Ctrl+C ends everything and removes it.
`);
} catch (thrown) {
  process.stderr.write(
    `onefold: the cluster did not start: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`,
  );
  await end(1);
}
