import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findFreePorts,
  makeEngineFolder,
  runEngineCommand,
  spawnEngine,
  whenReady,
  type EngineProcess,
} from './engine-process.ts';

export interface CephOptions {
  readonly folder: string;
  /** `memory` forgets everything when its OSD ends; `disk` (BlueStore on a file) survives kill -9. */
  readonly keeps?: 'memory' | 'disk';
  /** Of each OSD. */
  readonly sizeBytes?: number;
  /** How many OSDs keep every byte; one of three may be gone. */
  readonly osds?: 1 | 3;
}

export interface S3Access {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

export interface CephS3 {
  readonly access: S3Access;
  /** Where the bytes lie. The only one stopped, requests hang; killed, they hang until it is back. */
  osd(at?: number): EngineProcess;
  restartOsd(at?: number): Promise<void>;
  gateway(): EngineProcess;
  restartGateway(): Promise<void>;
  /** Runs `ceph ARGS`. */
  ceph(...args: string[]): Promise<string>;
  /** Runs `radosgw-admin ARGS`. */
  admin(...args: string[]): Promise<string>;
  kill(): Promise<void>;
}

const USER = 'onefold';
const ACCESS_KEY = 'onefold-access';
const SECRET_KEY = 'onefold-secret';

function configuration(folder: string, ports: { monitor: number; gateway: number }, options: CephOptions): string {
  const sizeBytes = options.sizeBytes ?? 2 * 1024 ** 3;
  const osds = options.osds ?? 1;
  const global = {
    mon_host: `[v2:127.0.0.1:${ports.monitor}/0]`,
    mon_initial_members: 'a',
    ms_bind_msgr1: 'false',
    // The gateway alone would insist on a secure handshake, which an unauthenticated cluster cannot give.
    ms_mon_client_mode: 'crc',
    public_addr: '127.0.0.1',
    cluster_addr: '127.0.0.1',
    auth_cluster_required: 'none',
    auth_service_required: 'none',
    auth_client_required: 'none',
    run_dir: join(folder, 'run'),
    admin_socket: join(folder, 'run', '$name.asok'),
    log_file: join(folder, 'log', '$name.log'),
    mon_cluster_log_file: join(folder, 'log', 'cluster.log'),
    crash_dir: join(folder, 'crash'),
    keyring: join(folder, 'keyring'),
    mon_data: join(folder, 'mon'),
    osd_data: join(folder, 'osd$id'),
    rgw_data: join(folder, 'rgw'),
    osd_objectstore: options.keeps === 'disk' ? 'bluestore' : 'memstore',
    memstore_device_bytes: sizeBytes,
    bluestore_block_size: sizeBytes,
    osd_memory_target: 939_524_096,
    osd_pool_default_size: osds,
    osd_pool_default_min_size: Math.max(1, osds - 1),
    // A dead one is noticed within seconds.
    osd_heartbeat_interval: 1,
    osd_heartbeat_grace: 4,
    mon_osd_min_down_reporters: 1,
    osd_crush_chooseleaf_type: 0,
    osd_pool_default_pg_num: 1,
    osd_pool_default_pgp_num: 1,
    osd_pool_default_pg_autoscale_mode: 'off',
    mon_max_pg_per_osd: 1_000,
    mon_allow_pool_size_one: 'true',
    mon_warn_on_pool_no_redundancy: 'false',
    mon_warn_on_insecure_global_id_reclaim: 'false',
    mon_warn_on_insecure_global_id_reclaim_allowed: 'false',
    mon_data_avail_warn: 1,
    mon_data_avail_crit: 1,
    // Otherwise the gateway's pools take seconds each.
    paxos_propose_interval: 0.05,
    paxos_min_wait: 0.01,
    osd_op_num_shards: 2,
    osd_op_num_threads_per_shard: 1,
  };
  const gateway = {
    // Without tcp_nodelay each answer takes 45 ms.
    rgw_frontends: `beast endpoint=127.0.0.1:${ports.gateway} tcp_nodelay=1`,
    rgw_thread_pool_size: 32,
    rgw_rados_pool_pg_num_min: 1,
  };
  const lines = (fields: object): string =>
    Object.entries(fields)
      .map(([name, value]) => `${name} = ${String(value)}\n`)
      .join('');
  return `[global]\nfsid = ${randomUUID()}\n${lines(global)}[client.rgw.a]\n${lines(gateway)}`;
}

/** A Ceph of one OSD or three with its S3 gateway, on loopback, and one user. */
export async function startCeph(options: CephOptions): Promise<CephS3> {
  const folder = join(options.folder, 'ceph');
  for (const part of ['run', 'log', 'mon', 'rgw', 'crash']) mkdirSync(join(folder, part), { recursive: true });
  await makeEngineFolder(folder);
  const [monitor = 0, gatewayPort = 0] = await findFreePorts(2);
  const file = join(folder, 'ceph.conf');
  const text = configuration(folder, { monitor, gateway: gatewayPort }, options);
  writeFileSync(file, text);
  writeFileSync(join(folder, 'keyring'), '');
  const fsid = /fsid = (\S+)/.exec(text)?.[1] ?? '';
  const config = ['-c', file];
  const run = (command: string, ...args: string[]): Promise<string> => runEngineCommand(command, args, { folder });
  const map = join(folder, 'monmap');
  await run('monmaptool', '--create', '--clobber', '--fsid', fsid, '--addv', 'a', `[v2:127.0.0.1:${monitor}/0]`, map);
  await run('ceph-mon', ...config, '-i', 'a', '--mkfs', '--monmap', map, '--keyring', join(folder, 'keyring'));
  const start = (name: string, ...args: string[]): EngineProcess =>
    spawnEngine({ name, folder, command: name, args: [...config, ...args, '-f'] });
  const monitorProcess = start('ceph-mon', '-i', 'a');
  const startOsd = (at: number): EngineProcess => start('ceph-osd', '-i', String(at));
  const osds = await Promise.all(
    Array.from({ length: options.osds ?? 1 }, async (_, at) => {
      mkdirSync(join(folder, `osd${at}`), { recursive: true });
      const osdId = randomUUID();
      await run('ceph', ...config, 'osd', 'new', osdId, String(at));
      await run('ceph-osd', ...config, '-i', String(at), '--mkfs', '--osd-uuid', osdId);
      return startOsd(at);
    }),
  );
  const osd = (at = 0): EngineProcess => {
    const found = osds[at];
    if (found === undefined) throw new Error(`there is no OSD ${at}`);
    return found;
  };
  const startGateway = (): EngineProcess => start('radosgw', '-n', 'client.rgw.a');
  let gateway = startGateway();
  const endpoint = `http://127.0.0.1:${gatewayPort}`;
  const answers = async (): Promise<boolean> => (await fetch(endpoint)).ok;
  await whenReady(gateway, { name: 'radosgw', folder }, answers);
  const admin = (...args: string[]): Promise<string> => run('radosgw-admin', ...config, ...args);
  await admin(
    ...['user', 'create', `--uid=${USER}`, '--display-name=Onefold'],
    ...[`--access-key=${ACCESS_KEY}`, `--secret-key=${SECRET_KEY}`],
  );
  return {
    access: { endpoint, accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY, region: 'us-east-1' },
    osd,
    async restartOsd(at = 0) {
      await osd(at).kill();
      osds[at] = startOsd(at);
    },
    gateway: () => gateway,
    async restartGateway() {
      await gateway.kill();
      gateway = startGateway();
      await whenReady(gateway, { name: 'radosgw', folder }, answers);
    },
    ceph: (...args) => run('ceph', ...config, ...args),
    admin,
    async kill() {
      await Promise.all([gateway, ...osds, monitorProcess].map((one) => one.kill()));
    },
  };
}
