import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { currentEpochOf } from '@onefold/vault';
import type { NamespaceId } from '@onefold/protocol';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { startProxy } from '../network/test-network.ts';
import { openHome } from './home.ts';
import { startTestGround, until, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 90_000;
const FILM_BYTES = 4 * 1024 * 1024;

let ground: TestGround;
const cores: DaemonCore[] = [];

beforeEach(async () => {
  ground = await startTestGround();
}, PATIENCE_MS);

afterEach(async () => {
  await Promise.all(cores.splice(0).map((core) => core.close()));
  await ground.close();
}, PATIENCE_MS);

async function start(home: string): Promise<DaemonCore> {
  const core = await createDaemonCore({ home });
  cores.push(core);
  return core;
}

function folder(name: string): string {
  const made = path.join(ground.scratch, name);
  mkdirSync(made);
  return made;
}

const settled = (core: DaemonCore) => core.syncWait(PATIENCE_MS, () => false);

const soon = (what: () => boolean | Promise<boolean>) => until(what, PATIENCE_MS);

const names = async (core: DaemonCore) => (await core.calls.devices()).devices.map(({ name }) => name);

async function idOf(core: DaemonCore, name: string): Promise<string> {
  const found = (await core.calls.devices()).devices.find((device) => device.name === name);
  if (found === undefined) throw new Error(`no device ${name}`);
  return found.id;
}

/** The newest epoch of every namespace whose keys a home holds. */
async function epochsOf(home: string): Promise<number[]> {
  const opened = await openHome(home);
  const files = readdirSync(path.join(home, 'namespaces')).filter((name) => name.endsWith('.key'));
  const stored = await Promise.all(files.map((name) => opened.readNamespace(name.slice(0, 64) as NamespaceId)));
  return stored.map((one) => currentEpochOf(one!.secrets)).sort();
}

describe('the devices of an account', () => {
  it('are named by any of them, for all of them', { timeout: 3 * PATIENCE_MS }, async () => {
    const laptop = await start(await ground.home('Laptop'));
    const desktop = await start(await ground.home('Desktop'));
    // What one says of itself, the others show.
    const others = async () => (await laptop.calls.devices()).devices.filter(({ here }) => !here);
    await soon(async () => (await others()).every(({ lastInStepAtMs }) => lastInStepAtMs !== null));
    await laptop.calls.renameDevice({ device: await idOf(laptop, 'Desktop'), name: 'Study' });
    expect(await names(laptop)).toEqual(['Laptop', 'Study']);
    await soon(() => desktop.status().device.name === 'Study');
    expect(await names(desktop)).toEqual(['Laptop', 'Study']);
    await expect(laptop.calls.renameDevice({ device: '0'.repeat(32), name: 'Nobody' })).rejects.toMatchObject({
      code: 'not-found',
    });
    await laptop.calls.verifyDevice({ device: await idOf(laptop, 'Study') });
    expect((await desktop.calls.devices()).devices.map(({ verified }) => verified)).toEqual([true, true]);
  });

  it('are removed at once: nothing is read or written any more, files stay', { timeout: 4 * PATIENCE_MS }, async () => {
    const homes = {
      laptop: await ground.home('Laptop'),
      desktop: await ground.home('Desktop'),
      phone: await ground.home('Phone'),
    };
    const [here, there, lost, photos] = [folder('here'), folder('there'), folder('lost'), folder('photos')];
    const laptop = await start(homes.laptop);
    const desktop = await start(homes.desktop);
    const phone = await start(homes.phone);
    await laptop.add(here, null);
    await desktop.add(there, null);
    await phone.add(lost, null);
    // A namespace that the device which revokes does not keep.
    await phone.add(photos, 'Photos');
    writeFileSync(path.join(here, 'old.txt'), 'old');
    writeFileSync(path.join(photos, 'face.jpg'), 'face');
    for (const core of [laptop, phone, desktop]) expect(await settled(core)).toBe('idle');
    expect(readFileSync(path.join(lost, 'old.txt'), 'utf8')).toBe('old');

    await expect(laptop.calls.revokeDevice({ device: await idOf(laptop, 'Laptop') })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    await laptop.calls.revokeDevice({ device: await idOf(laptop, 'Phone') });
    await soon(() => phone.status().attention.some(({ code }) => code === 'device-revoked'));
    expect(phone.status()).toMatchObject({ state: 'attention', server: { connected: false } });
    expect(await names(laptop)).toEqual(['Laptop', 'Desktop']);

    writeFileSync(path.join(here, 'new.txt'), 'new');
    writeFileSync(path.join(lost, 'stolen.txt'), 'stolen');
    expect(await settled(laptop)).toBe('idle');
    expect(await settled(desktop)).toBe('idle');
    expect(await settled(phone)).toBe('attention');
    expect(
      readdirSync(there)
        .filter((name) => name !== '.onefold')
        .sort(),
    ).toEqual(['new.txt', 'old.txt']);
    expect(
      readdirSync(lost)
        .filter((name) => name !== '.onefold')
        .sort(),
    ).toEqual(['old.txt', 'stolen.txt']);
    expect(readFileSync(path.join(photos, 'face.jpg'), 'utf8')).toBe('face');
    expect(await epochsOf(homes.phone)).toEqual([0, 0]);
    expect(await epochsOf(homes.desktop)).toEqual([1]);

    // What is under the new epoch is open to whoever comes later, and to those who were away.
    const tablet = await start(await ground.home('Tablet'));
    const [fourth, album] = [folder('fourth'), folder('album')];
    await tablet.add(fourth, null);
    await tablet.add(album, 'Photos');
    expect(await settled(tablet)).toBe('idle');
    expect(readFileSync(path.join(fourth, 'new.txt'), 'utf8')).toBe('new');
    expect(readFileSync(path.join(album, 'face.jpg'), 'utf8')).toBe('face');
    writeFileSync(path.join(album, 'more.jpg'), 'more');
    expect(await settled(tablet)).toBe('idle');
    expect(await names(tablet)).toEqual(['Laptop', 'Desktop', 'Tablet']);
  });

  it('are removed without a byte of any file being sent anew', { timeout: 4 * PATIENCE_MS }, async () => {
    const laptop = await start(await ground.home('Laptop'));
    const phone = await start(await ground.home('Phone'));
    const here = folder('here');
    await laptop.add(here, null);
    await phone.add(folder('there'), null);
    const proxy = await startProxy();
    try {
      await laptop.calls.setSettings({ changes: { network: { proxy: `http://127.0.0.1:${proxy.port}` } } });
      writeFileSync(path.join(here, 'film'), randomBytes(FILM_BYTES));
      for (const core of [laptop, phone]) expect(await settled(core)).toBe('idle');
      // What follows counts only if the film went this way.
      expect(proxy.sentBytes()).toBeGreaterThan(FILM_BYTES);
      const [asked, sentBytes] = [proxy.asked.length, proxy.sentBytes()];
      await laptop.calls.revokeDevice({ device: await idOf(laptop, 'Phone') });
      expect(await settled(laptop)).toBe('idle');
      const since = proxy.asked.slice(asked);
      expect(since.filter((line) => line.startsWith('PUT') || line.includes('/packs'))).toEqual([]);
      expect(since.filter((line) => line.endsWith('/v1/chain'))).toHaveLength(1);
      expect(proxy.sentBytes() - sentBytes).toBeLessThan(FILM_BYTES / 100);
    } finally {
      await proxy.close();
    }
  });
});
