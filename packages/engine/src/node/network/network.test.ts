import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDaemonCore, type DaemonCore } from '../daemon/daemon-core.ts';
import type { SettingsChanges } from '../daemon/settings.ts';
import { startTestGround, type TestGround } from '../daemon/test-ground.ts';
import { createPacScript } from './pac.ts';
import { usableOf } from './proxy-address.ts';
import { startOtherAge, startPortal, startProxy, startText, startTls, type Standing } from './test-network.ts';

const PATIENCE_MS = 60_000;

let ground: TestGround;
const open: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  ground = await startTestGround();
}, PATIENCE_MS);

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  await ground.close();
}, PATIENCE_MS);

function keep<T extends { close(): Promise<void> }>(standing: T): T {
  open.push(standing);
  return standing;
}

async function start(home: string, name: string): Promise<{ core: DaemonCore; root: string }> {
  const core = keep(await createDaemonCore({ home }));
  const root = path.join(ground.scratch, name);
  mkdirSync(root);
  await core.add(root, null);
  return { core, root };
}

const set = async (core: DaemonCore, changes: SettingsChanges) => (await core.calls.setSettings({ changes })).settings;
const settled = (core: DaemonCore) => core.syncWait(PATIENCE_MS, () => false);

async function until(what: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!what()) {
    if (performance.now() > deadlineMs) throw new Error('it never happened');
    await sleep(25);
  }
}

describe('a proxy', () => {
  it('that is set carries the calls and the event socket', { timeout: 2 * PATIENCE_MS }, async () => {
    const proxy = keep(await startProxy('ana:pass'));
    const { core, root } = await start(await ground.home('Laptop'), 'here');
    await set(core, { network: { proxy: `http://ana:pass@127.0.0.1:${proxy.port}` } });
    writeFileSync(path.join(root, 'a.txt'), 'a');
    expect(await settled(core)).toBe('idle');
    await until(() => core.status().server.connected);
    expect(proxy.asked.some((line) => line.startsWith(`POST ${ground.url}/v1/`))).toBe(true);
    const address = ground.url.replace('http://', '');
    expect(proxy.asked).toContain(`CONNECT ${address}`);
  });

  it('that asks for a password it was not given is said so, and costs no file', { timeout: PATIENCE_MS }, async () => {
    const proxy = keep(await startProxy('ana:pass'));
    const { core } = await start(await ground.home('Laptop'), 'here');
    await settled(core);
    await set(core, { network: { proxy: `http://127.0.0.1:${proxy.port}` } });
    await until(() => core.status().state === 'offline');
    expect(core.status()).toMatchObject({ attention: [], server: { offlineBecause: 'server-unreachable' } });
  });

  it('of the environment is used, but not for what NO_PROXY names', { timeout: 2 * PATIENCE_MS }, async () => {
    const proxy = keep(await startProxy());
    const home = await ground.home('Laptop');
    const before = { ...process.env };
    try {
      process.env['http_proxy'] = `http://127.0.0.1:${proxy.port}`;
      const { core } = await start(home, 'here');
      expect(await settled(core)).toBe('idle');
      expect(proxy.asked.length).toBeGreaterThan(0);
      await core.close();
      process.env['no_proxy'] = '127.0.0.1';
      const asked = proxy.asked.length;
      const again = keep(await createDaemonCore({ home }));
      expect(await settled(again)).toBe('idle');
      expect(proxy.asked.length).toBe(asked);
    } finally {
      process.env = before;
    }
  });

  it('is found by a script', { timeout: 2 * PATIENCE_MS }, async () => {
    const proxy = keep(await startProxy());
    const script = keep(
      await startText(`function FindProxyForURL(url, host) {
        if (isPlainHostName(host)) return "DIRECT";
        return host === "127.0.0.1" ? "SOCKS nowhere:1080; PROXY 127.0.0.1:${proxy.port}; DIRECT" : "DIRECT";
      }`),
    );
    const { core } = await start(await ground.home('Laptop'), 'here');
    await set(core, { network: { pacUrl: `http://127.0.0.1:${script.port}/proxy.pac` } });
    expect(await settled(core)).toBe('idle');
    expect(proxy.asked.length).toBeGreaterThan(0);
  });
});

describe('a way that a script names', () => {
  /** A script in a file, as the environment of a desktop names it. */
  async function startWith(script: string): Promise<DaemonCore> {
    const home = await ground.home('Laptop');
    const file = path.join(ground.scratch, 'proxy.pac');
    writeFileSync(file, `function FindProxyForURL() { return ${JSON.stringify(script)}; }`);
    const before = { ...process.env };
    process.env['auto_proxy'] = pathToFileURL(file).href;
    open.push({
      async close() {
        process.env = before;
      },
    });
    return (await start(home, 'here')).core;
  }

  it('is left for the next one that it names when nothing comes through', { timeout: 2 * PATIENCE_MS }, async () => {
    const proxy = keep(await startProxy());
    const gone = await startText('');
    await gone.close();
    const core = await startWith(`PROXY 127.0.0.1:${gone.port}; PROXY 127.0.0.1:${proxy.port}`);
    expect(await settled(core)).toBe('idle');
    expect(proxy.asked.length).toBeGreaterThan(0);
    await until(() => core.status().server.connected);
  });

  it('that ends while it is used gives way to the next, too', { timeout: 2 * PATIENCE_MS }, async () => {
    const first = await startProxy();
    const second = keep(await startProxy());
    const core = await startWith(`PROXY 127.0.0.1:${first.port}; PROXY 127.0.0.1:${second.port}`);
    expect(await settled(core)).toBe('idle');
    expect(second.asked).toEqual([]);
    await first.close();
    writeFileSync(path.join(ground.scratch, 'here', 'a.txt'), 'a');
    await until(() => second.asked.length > 0);
    expect(await settled(core)).toBe('idle');
  });
});

describe('a proxy script', () => {
  async function ask(text: string): Promise<string> {
    const script: Standing = keep(await startText(text));
    return createPacScript(`http://127.0.0.1:${script.port}/`).find('https://example.org/');
  }

  it('has neither environment, files nor modules', { timeout: PATIENCE_MS }, async () => {
    const found = ask('function FindProxyForURL() { return [typeof process, typeof require, typeof fetch].join(); }');
    expect(await found).toBe('undefined,undefined,undefined');
  });

  it('that never ends is ended', { timeout: PATIENCE_MS }, async () => {
    await expect(ask('function FindProxyForURL() { for (;;); }')).rejects.toMatchObject({ code: 'server-unreachable' });
  });

  it(
    'that cannot be had is one of a network that was left: the way is straight',
    { timeout: PATIENCE_MS },
    async () => {
      const gone = await startText('');
      await gone.close();
      expect(await createPacScript(`http://127.0.0.1:${gone.port}/`).find('https://example.org/')).toBe('DIRECT');
      expect(await createPacScript('file:///nowhere/proxy.pac').find('https://example.org/')).toBe('DIRECT');
    },
  );

  it('says in which order they are tried', () => {
    expect(usableOf('SOCKS5 a:1; HTTPS b:2; PROXY c:3')).toEqual(['https://b:2', 'http://c:3']);
    expect(usableOf('PROXY c:3; DIRECT')).toEqual(['http://c:3', null]);
    expect(usableOf('')).toEqual([null]);
    expect(usableOf('SOCKS5 a:1')).toEqual([null]);
  });
});

it(
  'a private authority is trusted once it is named, and offline says so until then',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    const home = await ground.home('Laptop');
    const tls = keep(await startTls(Number(new URL(ground.url).port)));
    const account = path.join(home, 'account.json');
    writeFileSync(account, readFileSync(account, 'utf8').replace(ground.url, `https://localhost:${tls.port}`));
    const { core, root } = await start(home, 'here');
    writeFileSync(path.join(root, 'a.txt'), 'a');
    await until(() => core.status().server.offlineBecause === 'certificate-untrusted');
    expect(core.status()).toMatchObject({ state: 'offline', attention: [] });
    const nothing = path.join(ground.scratch, 'empty.pem');
    writeFileSync(nothing, 'no certificate');
    const refused = set(core, { network: { authoritiesFile: nothing } });
    await expect(refused).rejects.toMatchObject({ code: 'invalid-argument' });
    await set(core, { network: { authoritiesFile: tls.authoritiesFile } });
    expect(await settled(core)).toBe('idle');
    await until(() => core.status().server.connected);
  },
);

it(
  'a private authority behind a proxy that asks who it is: calls and the event socket go through',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    const home = await ground.home('Laptop');
    const tls = keep(await startTls(Number(new URL(ground.url).port)));
    const proxy = keep(await startProxy('ana@office:p:ss/w%rd'));
    const account = path.join(home, 'account.json');
    writeFileSync(account, readFileSync(account, 'utf8').replace(ground.url, `https://localhost:${tls.port}`));
    const { core, root } = await start(home, 'here');
    const credentials = `${encodeURIComponent('ana@office')}:${encodeURIComponent('p:ss/w%rd')}`;
    await set(core, {
      network: { proxy: `http://${credentials}@127.0.0.1:${proxy.port}`, authoritiesFile: tls.authoritiesFile },
    });
    writeFileSync(path.join(root, 'a.txt'), 'a');
    expect(await settled(core)).toBe('idle');
    await until(() => core.status().server.connected);
    // All it is told is where to: what is said there is nobody's but the server's.
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT localhost:${tls.port}`]));
    expect(proxy.asked.length).toBeGreaterThan(1);
  },
);

it.each([200, 302, 511] as const)(
  'a network that answers %i with a page is offline, and no error of any file',
  { timeout: 2 * PATIENCE_MS },
  async (status) => {
    const { core, root } = await start(await ground.home('Laptop'), 'here');
    await settled(core);
    await ground.killServer();
    const portal = keep(await startPortal(Number(new URL(ground.url).port), status));
    writeFileSync(path.join(root, 'a.txt'), 'a');
    await until(() => core.status().server.offlineBecause === 'captive-portal');
    expect(core.status()).toMatchObject({ state: 'offline', attention: [], server: { connected: false } });
    expect(core.status().notYetSafe).toBe(1);
    expect(await core.syncWait(2_000, () => false)).toBe('offline');
    await portal.close();
    await ground.restartServer();
    expect(await settled(core)).toBe('idle');
    expect(core.status().server.offlineBecause).toBeUndefined();
  },
);

it.each([
  ['0-0', 'the server needs an update'],
  ['7-9', 'update Onefold on this device'],
])(
  'a server that speaks only %s is offline with the side that needs an update, and nothing of it is believed',
  { timeout: 2 * PATIENCE_MS },
  async (range, advice) => {
    const { core, root } = await start(await ground.home('Laptop'), 'here');
    await settled(core);
    await ground.killServer();
    const other = keep(await startOtherAge(Number(new URL(ground.url).port), range));
    writeFileSync(path.join(root, 'a.txt'), 'a');
    // Which of the two is noticed first is chance.
    await until(() => core.status().server.offlineBecause === 'protocol-mismatch' && core.status().notYetSafe > 0);
    expect(core.status()).toMatchObject({ state: 'offline', attention: [], notYetSafe: 1 });
    const { checks } = await core.calls.doctor();
    expect(checks.find(({ id }) => id === 'server')).toMatchObject({
      ok: false,
      message: expect.stringContaining(advice) as string,
    });
    await other.close();
    await ground.restartServer();
    expect(await settled(core)).toBe('idle');
  },
);
