import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OnefoldError } from '@onefold/protocol';
import { openAccount, type AccountContext } from './account-context.ts';
import { createLoginChange } from './core-account.ts';
import { createDaemonCore } from './daemon-core.ts';
import { openHome } from './home.ts';
import { openHomeEngine } from './home-engine.ts';
import { loginOnServer } from './set-up-home.ts';
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

async function open(home: string): Promise<AccountContext> {
  const context = await openAccount(await openHome(home));
  ends.push(() => context.close());
  return context;
}

test(
  'a new password lets in with its kit, the old one no more, and a device that comes by it reads everything',
  { timeout: 3 * PATIENCE_MS },
  async () => {
    const home = await ground.home('Laptop');
    const here = path.join(ground.scratch, 'here');
    mkdirSync(here);
    writeFileSync(path.join(here, 'before.txt'), 'written before');
    const core = await createDaemonCore({ home });
    ends.push(() => core.close());
    await core.add(here, null);
    expect(await core.syncWait(PATIENCE_MS, () => false)).toBe('idle');
    const { kit } = await core.calls.changePassword({ password: NEW_PASSWORD });
    expect(await ground.enter(TEST_PASSWORD, ground.kit())).toBe('in');
    expect(await ground.enter(NEW_PASSWORD, kit.text)).toBe('login-failed');
    await core.calls.keepNewKit();
    expect(await ground.enter(TEST_PASSWORD, ground.kit())).toBe('login-failed');
    expect(await ground.enter(NEW_PASSWORD, ground.kit())).toBe('login-failed');
    const second = path.join(ground.scratch, 'second');
    const input = { server: ground.url, email: 'ada@example.org', deviceName: 'Second' };
    await loginOnServer({ ...input, password: NEW_PASSWORD, kit: kit.text, home: second });
    const there = path.join(ground.scratch, 'there');
    mkdirSync(there);
    const other = await createDaemonCore({ home: second });
    ends.push(() => other.close());
    await other.add(there, null);
    await until(() => readdirSync(there).includes('before.txt'), PATIENCE_MS);
    expect(readFileSync(path.join(there, 'before.txt'), 'utf8')).toBe('written before');
    // The device that changed it goes on as before, and what it writes arrives.
    writeFileSync(path.join(here, 'after.txt'), 'written after');
    await until(() => readdirSync(there).includes('after.txt'), PATIENCE_MS);
  },
);

test(
  'a server that drops the answer locks nobody out: asked again it is in force, once',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    const context = await open(await ground.home('Laptop'));
    let dropped = 0;
    const session = {
      ...context.session,
      async appendChain(request: Parameters<typeof context.session.appendChain>[0]) {
        await context.session.appendChain(request);
        dropped++;
        throw new OnefoldError('server-unreachable', 'the answer was lost');
      },
    };
    const login = createLoginChange({ ...context, session });
    const kit = await login.change(NEW_PASSWORD);
    await expect(login.keep()).rejects.toMatchObject({ code: 'server-unreachable' });
    expect(await ground.enter(NEW_PASSWORD, kit.text)).toBe('in');
    await login.keep();
    expect(dropped).toBe(1);
    await expect(login.keep()).rejects.toMatchObject({ code: 'not-found' });
    expect(context.keys.secrets().generations.map(({ generation }) => generation)).toEqual([1, 2]);
  },
);

test(
  'a request that never arrived leaves the old password in force, and the new one takes its place later',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    const context = await open(await ground.home('Laptop'));
    let isCut = true;
    const session = {
      ...context.session,
      appendChain: (request: Parameters<typeof context.session.appendChain>[0]) =>
        isCut ? Promise.reject(new OnefoldError('server-unreachable', 'cut')) : context.session.appendChain(request),
    };
    const login = createLoginChange({ ...context, session });
    const kit = await login.change(NEW_PASSWORD);
    await expect(login.keep()).rejects.toMatchObject({ code: 'server-unreachable' });
    expect(await ground.enter(TEST_PASSWORD, ground.kit())).toBe('in');
    isCut = false;
    await login.keep();
    expect(await ground.enter(NEW_PASSWORD, kit.text)).toBe('in');
  },
);

test(
  'a device that dies when the server has taken the new password, and before it hears so, goes on with it',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    const home = await ground.home('Laptop');
    const context = await open(home);
    const keys = { ...context.keys, appended: () => Promise.reject(new Error('killed here')) };
    const login = createLoginChange({ ...context, keys });
    const kit = await login.change(NEW_PASSWORD);
    await expect(login.keep()).rejects.toThrow('killed here');
    await context.close();
    const again = await open(home);
    await again.keys.refresh();
    expect(again.keys.secrets().generations).toHaveLength(2);
    expect(await ground.enter(NEW_PASSWORD, kit.text)).toBe('in');
  },
);

test(
  'a device that was removed signs out, signs in anew in the same home, and keeps the folder that stands there',
  { timeout: 4 * PATIENCE_MS },
  async () => {
    const laptop = await createDaemonCore({ home: await ground.home('Laptop') });
    ends.push(() => laptop.close());
    const home = await ground.home('Desktop');
    const folder = path.join(ground.scratch, 'kept');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'mine.txt'), 'stays');
    const engine = await openHomeEngine({ home });
    ends.push(() => engine.close());
    await engine.core()?.add(folder, null);
    expect(await engine.core()?.syncWait(PATIENCE_MS, () => false)).toBe('idle');
    const { devices } = await laptop.calls.devices();
    await laptop.calls.revokeDevice({ device: devices.find(({ name }) => name === 'Desktop')!.id });
    await expect(engine.core()!.calls.changePassword({ password: NEW_PASSWORD })).rejects.toMatchObject({
      code: 'device-revoked',
    });
    await engine.signOut();
    expect(engine.setup().kind).toBe('none');
    expect(readdirSync(home)).not.toContain('device.key');
    expect(readdirSync(folder)).toEqual(['mine.txt']);
    await engine.steps.signIn({ kit: ground.kit(), password: TEST_PASSWORD, deviceName: 'Desktop' });
    expect(engine.setup().kind).toBe('done');
    await engine.core()?.add(folder, null);
    expect(await engine.core()?.syncWait(PATIENCE_MS, () => false)).toBe('idle');
    expect(readdirSync(folder).filter((name) => !name.startsWith('.'))).toEqual(['mine.txt']);
    expect((await engine.core()!.calls.devices()).devices.map(({ name }) => name).sort()).toEqual([
      'Desktop',
      'Laptop',
    ]);
  },
);

test(
  'an account that is deleted takes nothing from any disk, and is deleted also when the answer to that was lost',
  { timeout: 4 * PATIENCE_MS },
  async () => {
    const laptop = await openHomeEngine({ home: await ground.home('Laptop') });
    ends.push(() => laptop.close());
    const other = await createDaemonCore({ home: await ground.home('Desktop') });
    ends.push(() => other.close());
    const folder = path.join(ground.scratch, 'kept');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'mine.txt'), 'stays');
    await laptop.core()?.add(folder, null);
    expect(await laptop.core()?.syncWait(PATIENCE_MS, () => false)).toBe('idle');
    const right = { kit: ground.kit(), password: TEST_PASSWORD, email: 'Ada@example.org' };
    for (const [wrong, code] of [
      [{ password: 'something else' }, 'login-failed'],
      [{ email: 'eve@example.org' }, 'invalid-argument'],
      [{ kit: 'no kit' }, 'invalid-argument'],
    ] as const)
      await expect(laptop.deleteAccount({ ...right, ...wrong })).rejects.toMatchObject({ code });
    expect(laptop.setup().kind).toBe('done');
    // As if the answer of the first had been lost: the server has deleted it, this device does not know.
    await laptop.core()?.deleteAccount(right);
    await laptop.deleteAccount(right);
    expect(laptop.setup().kind).toBe('none');
    expect(readFileSync(path.join(folder, 'mine.txt'), 'utf8')).toBe('stays');
    expect(readdirSync(folder)).toEqual(['mine.txt']);
    await until(() => other.status().attention.some(({ code }) => code === 'account-deleted'), PATIENCE_MS);
    expect(await ground.enter(TEST_PASSWORD, ground.kit())).toBe('login-failed');
  },
);
