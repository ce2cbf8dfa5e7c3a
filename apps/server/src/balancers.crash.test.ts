import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { decodeWire, serverEventSchema, waitResponse, type ServerEvent } from '@onefold/protocol';
import { startBalancer, type Balancer, type BalancerKind } from '../../../tools/engines/balancer.ts';
import { engineFolder } from './testing/engine-folder.ts';
import { startCluster, type Cluster } from './testing/linearizability/cluster.ts';
import { createClient, createFolder, valueOf, type TestClient } from './testing/test-client.ts';

/** What comes about by itself, however busy the machine. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000 });

const KINDS: readonly BalancerKind[] = ['haproxy', 'nginx'];
/** A tenth of them at once, at each of the nodes. */
const ANONYMOUS_PER_MINUTE = 300;
const LARGEST_BODY_BYTES = 16 * 1024 ** 2;

const own = engineFolder();
let cluster: Cluster;
const balancers = new Map<BalancerKind, Balancer>();

beforeAll(async () => {
  cluster = await startCluster({
    folder: own.path,
    nodes: 2,
    config: { trustProxy: true, limits: { anonymousPerMinute: ANONYMOUS_PER_MINUTE, devicePerMinute: 1_000_000 } },
  });
  const nodes = cluster.urls.map((url) => new URL(url).host);
  for (const kind of KINDS) balancers.set(kind, await startBalancer({ kind, folder: own.path, nodes }));
});

afterAll(async () => {
  for (const balancer of balancers.values()) await balancer.kill();
  await cluster.end();
  own.remove();
});

interface Listening {
  readonly events: ServerEvent[];
  readonly isOpen: () => boolean;
}

function listen(client: TestClient): Promise<Listening> {
  const headers = { authorization: `Bearer ${client.token ?? ''}` };
  const socket = new WebSocket(`${client.url.replace('http', 'ws')}/v1/events`, { headers });
  onTestFinished(() => socket.terminate());
  const events: ServerEvent[] = [];
  socket.on('message', (data: Buffer) => events.push(decodeWire(serverEventSchema, new Uint8Array(data))));
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => resolve({ events, isOpen: () => socket.readyState === socket.OPEN }));
  });
}

/** Commits until one stands, as a device does that is told to try again. */
async function commitInTheEnd(client: TestClient): Promise<void> {
  await expect
    .poll(
      async () => {
        const answer = await client.commit([createFolder()]).catch(() => undefined);
        return answer?.ok === true && answer.value.outcome;
      },
      { timeout: 30_000, interval: 100 },
    )
    .toBe('committed');
}

describe.each(KINDS)('behind %s, configured as deploy/ has it', (kind) => {
  const url = (): string => balancers.get(kind)?.url ?? '';

  test('calls, WebSockets, long polls and the largest bodies pass', async () => {
    const client = await createClient(url());
    const listening = await listen(client);
    await eventually(() => listening.events[0]).toMatchObject({ event: 'hello' });
    valueOf(await client.commit([createFolder()]));
    await eventually(() => listening.events.at(-1)).toMatchObject({ event: 'head', head: { seq: client.head.seq } });
    const polled = client.call('GET', '/v1/wait?timeoutMs=20000', waitResponse);
    await pass(1_000);
    valueOf(await client.commit([createFolder()]));
    expect(valueOf(await polled).events).toMatchObject([{ head: { seq: client.head.seq } }]);
    // Read to its end and understood as nothing: the server's own answer, not the balancer's.
    expect((await client.raw('POST', '/v1/chain', new Uint8Array(LARGEST_BODY_BYTES))).status).toBe(400);
  });

  test('a node that is asked to stop costs no call: what comes on open connections meanwhile is answered too', async () => {
    const clients = await Promise.all(Array.from({ length: 12 }, () => createClient(url())));
    const [client] = clients as [TestClient];
    const listening = await listen(client);
    const failed: string[] = [];
    let calls = 0;
    let isOver = false;
    const using = clients.map(async (caller) => {
      for (; !isOver; calls++) {
        const answer = await caller.raw('GET', '/v1/namespaces').catch((thrown: unknown) => thrown);
        const text = answer instanceof Response ? await answer.text() : String((answer as Error).cause ?? answer);
        if (!(answer instanceof Response && answer.ok)) failed.push(text);
      }
    });
    for (const node of [0, 1]) {
      cluster.node(node).signal('SIGTERM');
      await eventually(() => cluster.node(node).isRunning()).toBe(false);
      await cluster.startNode(node);
      // As long as a balancer needs to see it again.
      await pass(3_000);
    }
    isOver = true;
    await Promise.all(using);
    expect(failed).toEqual([]);
    expect(calls).toBeGreaterThan(1_000);
    await eventually(() => listening.isOpen()).toBe(false);
  });

  test('a node that dies costs a moment, and its listeners are sent to the other one', async () => {
    const client = await createClient(url());
    const sockets = await Promise.all(Array.from({ length: 4 }, () => listen(client)));
    await cluster.node(1).kill();
    await commitInTheEnd(client);
    await eventually(() => sockets.filter(({ isOpen }) => isOpen()).length).toBeLessThan(4);
    const again = await listen(client);
    await eventually(() => again.events[0]).toMatchObject({ event: 'hello' });
    await cluster.startNode(1);
    await commitInTheEnd(client);
  });
});

// Last: it uses up what the address has.
test.each(KINDS)('behind %s nobody escapes the limits of an address by naming another one', async (kind) => {
  const calls = Array.from({ length: ANONYMOUS_PER_MINUTE }, (_, i) =>
    fetch(`${balancers.get(kind)?.url ?? ''}/v1/account`, { headers: { 'x-forwarded-for': `203.0.113.${i % 250}` } }),
  );
  const statuses = (await Promise.all(calls)).map(({ status }) => status);
  expect(statuses).toContain(429);
});
