import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHomeEngine, type HomeEngine } from './home-engine.ts';
import { writeOwnServer } from './own-server-file.ts';
import { startTestGround, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 90_000;
let ground: TestGround;
let engine: HomeEngine | null = null;
let elsewhere: Server | null = null;
const lines = new Set<Socket>();

beforeEach(async () => {
  ground = await startTestGround();
}, PATIENCE_MS);
afterEach(async () => {
  await engine?.close();
  engine = null;
  elsewhere?.close();
  elsewhere = null;
  await ground.close();
}, PATIENCE_MS);

/** The same server at another address, as after its computer got a new one. */
async function showElsewhere(url: string): Promise<string> {
  const server = createServer((line) => {
    lines.add(line);
    const onward = connect(Number(new URL(url).port), '127.0.0.1');
    for (const [from, to] of [
      [line, onward],
      [onward, line],
    ] as const) {
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  elsewhere = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const noted = (home: string): string =>
  (JSON.parse(readFileSync(path.join(home, 'account.json'), 'utf8')) as { server: string }).server;

test(
  'an account whose server has another address goes on there, with its folders',
  { timeout: PATIENCE_MS },
  async () => {
    const home = await ground.home('Laptop');
    engine = await openHomeEngine({ home });
    const folder = path.join(ground.scratch, 'kept');
    mkdirSync(folder);
    await engine.core()!.add(folder, null);
    const address = await showElsewhere(ground.url);
    const seen: string[] = [];
    engine.onChange(() => seen.push(engine!.setup().kind));
    await engine.moveServer(`${address}/`);
    expect(noted(home)).toBe(address);
    // Never as if there were no account: a page would begin anew.
    expect(new Set(seen)).toEqual(new Set(['done']));
    writeFileSync(path.join(folder, 'a.txt'), 'sent to the new address');
    expect(await engine.core()!.syncWait(60_000, () => false)).toBe('idle');
    expect(engine.core()!.status()).toMatchObject({ server: { url: address, connected: true }, notYetSafe: 0 });
  },
);

test(
  'a server of this computer is called by its port under its new address, too, without a restart',
  { timeout: PATIENCE_MS },
  async () => {
    const home = await ground.home('Laptop');
    engine = await openHomeEngine({ home });
    const folder = path.join(ground.scratch, 'kept');
    mkdirSync(folder);
    await engine.core()!.add(folder, null);
    const address = await showElsewhere(ground.url);
    const port = Number(new URL(ground.url).port);
    await engine.moveServer(address, () => writeOwnServer(home, { port, reach: 'network', address }));
    // The way round by the network is closed, as some routers have it.
    elsewhere?.close();
    for (const line of lines) line.destroy();
    writeFileSync(path.join(folder, 'a.txt'), 'sent by the port');
    expect(await engine.core()!.syncWait(60_000, () => false)).toBe('idle');
    expect(engine.core()!.status()).toMatchObject({ server: { url: address, connected: true }, notYetSafe: 0 });
  },
);

test('an address without the account changes nothing', { timeout: PATIENCE_MS }, async () => {
  const home = await ground.home('Laptop');
  const stranger = await startTestGround();
  try {
    engine = await openHomeEngine({ home });
    const before = engine.core();
    await expect(engine.moveServer(stranger.url)).rejects.toMatchObject({ code: 'not-found' });
    await stranger.killServer();
    await expect(engine.moveServer(stranger.url)).rejects.toMatchObject({ code: 'server-unreachable' });
    expect(engine.core()).toBe(before);
    expect(noted(home)).toBe(ground.url);
  } finally {
    await stranger.close();
  }
});
