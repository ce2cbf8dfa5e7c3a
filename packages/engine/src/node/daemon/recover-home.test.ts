import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NamespaceId } from '@onefold/protocol';
import { currentEpochOf } from '@onefold/vault';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { openHome } from './home.ts';
import { prepareRecovery, recoverOnServer } from './recover-home.ts';
import { startTestGround, TEST_PASSWORD, until, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 90_000;
const NEW_PASSWORD = 'an early spring morning';
let ground: TestGround;
const ends: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  ground = await startTestGround();
}, PATIENCE_MS);

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await ground.close();
}, PATIENCE_MS);

async function start(home: string, folder: string): Promise<DaemonCore> {
  mkdirSync(folder, { recursive: true });
  const core = await createDaemonCore({ home });
  ends.push(() => core.close());
  await core.add(folder, null);
  return core;
}

const inputIn = (home: string, phrase = ground.phrase()) => ({
  server: ground.url,
  email: 'ada@example.org',
  phrase,
  password: NEW_PASSWORD,
  deviceName: 'Rescue',
  home: path.join(ground.scratch, home),
});

async function epochOf(home: string): Promise<number> {
  const [file] = readdirSync(path.join(home, 'namespaces')).filter((name) => name.endsWith('.key'));
  const stored = await (await openHome(home)).readNamespace(file?.slice(0, 64) as NamespaceId);
  return currentEpochOf(stored!.secrets);
}

test(
  'with the 24 words alone everything is read again, every other device is out, and what comes after is sealed anew',
  { timeout: 4 * PATIENCE_MS },
  async () => {
    const there = path.join(ground.scratch, 'there');
    const lost = await start(await ground.home('Lost'), there);
    writeFileSync(path.join(there, 'thesis.txt'), 'every word of it');
    expect(await lost.syncWait(PATIENCE_MS, () => false)).toBe('idle');
    let kit = '';
    await recoverOnServer({ ...inputIn('rescue'), saveKit: async (text) => void (kit = text) });
    const home = path.join(ground.scratch, 'rescue');
    const here = path.join(ground.scratch, 'here');
    const rescue = await start(home, here);
    await until(() => readdirSync(here).includes('thesis.txt'), PATIENCE_MS);
    expect(readFileSync(path.join(here, 'thesis.txt'), 'utf8')).toBe('every word of it');
    expect((await rescue.calls.devices()).devices).toMatchObject([{ name: 'Rescue', here: true, verified: true }]);
    expect(await ground.enter(TEST_PASSWORD, ground.kit())).toBe('login-failed');
    expect(await ground.enter(NEW_PASSWORD, kit)).toBe('in');
    const before = await epochOf(home);
    writeFileSync(path.join(here, 'after.txt'), 'not for the lost device');
    expect(await rescue.syncWait(PATIENCE_MS, () => false)).toBe('idle');
    expect(await epochOf(home)).toBe(before + 1);
    await expect(lost.calls.renameDevice({ device: 'any', name: 'Thief' })).rejects.toMatchObject({
      code: 'device-revoked',
    });
    writeFileSync(path.join(there, 'planted.txt'), 'by the thief');
    await lost.syncWait(3_000, () => false);
    expect(await rescue.syncWait(PATIENCE_MS, () => false)).toBe('idle');
    expect(
      readdirSync(here)
        .filter((name) => !name.startsWith('.'))
        .sort(),
    ).toEqual(['after.txt', 'thesis.txt']);
    expect(readdirSync(there)).not.toContain('after.txt');
  },
);

test(
  'another phrase opens nothing, and a mistyped one is told before the server hears of it',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    await ground.home('Laptop');
    const other = `${'abandon '.repeat(23)}art`;
    await expect(prepareRecovery(inputIn('a', other))).rejects.toMatchObject({ code: 'login-failed' });
    await expect(prepareRecovery(inputIn('b', `${ground.phrase()} more`))).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  },
);

test(
  'nothing has changed until the kit is kept, and one who gives up leaves no trace',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    await ground.home('Laptop');
    const prepared = await prepareRecovery(inputIn('rescue'));
    await prepared.close();
    expect(readdirSync(path.join(ground.scratch, 'rescue'))).not.toContain('device.key');
    expect(await ground.enter(TEST_PASSWORD, ground.kit())).toBe('in');
  },
);

test('of two who recover at once the later begins again behind the other', { timeout: 3 * PATIENCE_MS }, async () => {
  await ground.home('Laptop');
  const [one, two] = [await prepareRecovery(inputIn('one')), await prepareRecovery(inputIn('two'))];
  ends.push(one.close, two.close);
  await Promise.all([one.finish(), two.finish()]);
  const { length } = await (await openHome(path.join(ground.scratch, 'two'))).readLinks();
  const other = await (await openHome(path.join(ground.scratch, 'one'))).readLinks();
  expect([length, other.length].sort()).toEqual([4, 5]);
});
