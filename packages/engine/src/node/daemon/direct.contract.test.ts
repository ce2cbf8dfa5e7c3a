import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, chmodSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startCeph, type CephS3 } from '../../../../../tools/engines/ceph.ts';
import { makeBucket } from '../../../../../tools/engines/s3-bucket.ts';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { startTestGround } from './test-ground.ts';

/* Large files between real devices and a real object store, past the server and, where the way is closed, through it. */

const PATIENCE_MS = 120_000;
const MIB = 1024 * 1024;
const folder = mkdtempSync(path.join(tmpdir(), 'direct-'));
let ceph: CephS3;
let buckets = 0;

beforeAll(async () => {
  chmodSync(folder, 0o755);
  ceph = await startCeph({ folder });
}, PATIENCE_MS);
afterAll(async () => {
  await ceph.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function start(deviceEndpoint: string) {
  const bucket = `direct${++buckets}`;
  await makeBucket(ceph.access, bucket);
  const { endpoint, region, accessKeyId, secretAccessKey } = ceph.access;
  const ground = await startTestGround({
    ONEFOLD_SERVER_S3_BUCKET: bucket,
    ONEFOLD_SERVER_S3_ENDPOINT: endpoint,
    ONEFOLD_SERVER_S3_REGION: region,
    ONEFOLD_SERVER_S3_ACCESS_KEY_ID: accessKeyId,
    ONEFOLD_SERVER_S3_SECRET_ACCESS_KEY: secretAccessKey,
    ONEFOLD_SERVER_S3_DEVICE_ENDPOINT: deviceEndpoint,
    ONEFOLD_SERVER_METRICS: 'public',
  });
  const cores: DaemonCore[] = [];
  onTestFinished(async () => {
    for (const core of cores) await core.close();
    await ground.close();
  });
  const [here, there] = ['here', 'there'].map((name) => path.join(ground.scratch, name)) as [string, string];
  for (const [name, root] of Object.entries({ Laptop: here, Desktop: there })) {
    mkdirSync(root);
    const core = await createDaemonCore({ home: await ground.home(name) });
    cores.push(core);
    await core.add(root, null);
  }
  async function answered(route: string): Promise<number> {
    const text = await (await fetch(`${ground.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line.startsWith('onefold_http_requests_total{'));
    const own = lines.filter((line) => line.includes(`route="${route}"`) && line.includes('status="200"'));
    return own.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }
  async function settle(): Promise<void> {
    for (const core of [...cores, ...cores]) expect(await core.syncWait(PATIENCE_MS, () => false)).toBe('idle');
  }
  return { here, there, answered, settle };
}

const NAMESPACE = '/v1/namespaces/:namespace';

it('go straight to the store and come from there', { timeout: 2 * PATIENCE_MS }, async () => {
  const { here, there, answered, settle } = await start(ceph.access.endpoint);
  const content = randomBytes(90 * MIB + 17);
  writeFileSync(path.join(here, 'large'), content);
  await settle();
  expect(Buffer.compare(readFileSync(path.join(there, 'large')), content)).toBe(0);
  expect(await answered(`${NAMESPACE}/packs/:pack/stored`)).toBeGreaterThan(5);
  expect(await answered(`${NAMESPACE}/blocks/locate`)).toBeGreaterThan(0);
  expect(await answered(`${NAMESPACE}/packs/:pack`)).toBe(0);
  expect(await answered(`${NAMESPACE}/blocks/read`)).toBe(0);
});

it('go through the server where the way to the store is closed', { timeout: 2 * PATIENCE_MS }, async () => {
  const { here, there, answered, settle } = await start('http://127.0.0.1:1');
  const content = randomBytes(90 * MIB + 17);
  writeFileSync(path.join(here, 'large'), content);
  await settle();
  expect(Buffer.compare(readFileSync(path.join(there, 'large')), content)).toBe(0);
  expect(await answered(`${NAMESPACE}/packs/:pack/direct`)).toBeGreaterThan(0);
  expect(await answered(`${NAMESPACE}/packs/:pack/stored`)).toBe(0);
  expect(await answered(`${NAMESPACE}/packs/:pack`)).toBeGreaterThan(5);
  expect(await answered(`${NAMESPACE}/blocks/read`)).toBeGreaterThan(0);
});
