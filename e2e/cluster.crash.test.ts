import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareTrees } from './harness/compare-trees.ts';
import { spawnCluster, stillRunning, type SpawnedCluster } from './harness/spawned-cluster.ts';
import { createWorld, settle, type Device, type World } from './harness/world.ts';

// What developers start by one command, started by that command: three nodes over PostgreSQL, Redis and Ceph's S3, behind HAProxy.

let cluster: SpawnedCluster | undefined;
/** Its own server is never started. */
let world: World;

beforeAll(async () => {
  world = await createWorld();
  cluster = await spawnCluster();
});

afterAll(async () => {
  await world.close();
  await cluster?.kill();
});

async function deviceAt(name: string, url: string): Promise<Device> {
  const device = await world.addDevice(name, url);
  await device.start();
  return device;
}

test('`npm run cluster` syncs through every node and the balancer, goes on without a node that was killed, and leaves nothing behind', async () => {
  if (cluster === undefined) throw new Error('it has not started');
  expect(cluster.nodes).toHaveLength(3);
  const [doomed] = cluster.nodes;
  const balanced = await deviceAt('balanced', cluster.url);
  const direct: Device[] = [];
  for (const [i, { url }] of cluster.nodes.entries()) direct.push(await deviceAt(`node ${i + 1}`, url));
  const devices = [balanced, ...direct];
  for (const { name, folder } of devices) writeFileSync(join(folder, `from ${name}.txt`), `by way of ${name}`);
  await settle(devices);
  for (const { folder } of direct) expect(await compareTrees(balanced.folder, folder)).toEqual([]);
  for (const { name } of devices)
    expect(readFileSync(join(balanced.folder, `from ${name}.txt`), 'utf8')).toBe(`by way of ${name}`);

  process.kill(doomed?.pid ?? 0, 'SIGKILL');
  const [left, ...others] = direct as [Device, ...Device[]];
  await expect.poll(async () => (await left.status()).state, { timeout: 60_000 }).toBe('offline');
  const survivors = [balanced, ...others];
  for (const { name, folder } of survivors) writeFileSync(join(folder, `later from ${name}.txt`), 'later');
  await settle(survivors);
  for (const { folder } of others) expect(await compareTrees(balanced.folder, folder)).toEqual([]);
  for (const { name } of survivors) expect(existsSync(join(balanced.folder, `later from ${name}.txt`))).toBe(true);

  // Three nodes of which one is dead, three engines and what they start themselves, the balancer, and what started them.
  const processes = cluster.processes();
  const running = processes.map(({ command }) => command).join('\n');
  for (const part of ['postgres', 'redis-server', 'ceph-mon', 'ceph-osd', 'radosgw', 'haproxy', 'tools/cluster.mjs'])
    expect(running).toContain(part);
  expect(existsSync(cluster.folder)).toBe(true);
  expect(await cluster.interrupt()).toBe(0);
  expect(stillRunning(processes)).toEqual([]);
  expect(existsSync(cluster.folder)).toBe(false);
});
