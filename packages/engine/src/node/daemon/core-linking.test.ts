import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLinkingWords, systemRandom } from '@onefold/vault';
import type { LinkingState } from './core-linking.ts';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { linkOnServer, type LinkingCheck } from './link-home.ts';
import { isHomeSetUp } from './home.ts';
import { startTestGround, until, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 90_000;

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

async function stateOf(core: DaemonCore): Promise<LinkingState> {
  return (await core.calls.linking()).linking;
}

async function offeredBy(core: DaemonCore): Promise<Extract<LinkingState, { kind: 'offered' }>> {
  const { linking } = await core.calls.startLinking();
  if (linking.kind !== 'offered') throw new Error('words');
  return linking;
}

async function asking(core: DaemonCore): Promise<Extract<LinkingState, { kind: 'asking' }>> {
  await until(async () => (await stateOf(core)).kind === 'asking', PATIENCE_MS);
  const state = await stateOf(core);
  if (state.kind !== 'asking') throw new Error('asking');
  return state;
}

function link(words: string, name: string, ending = new AbortController()) {
  const home = path.join(ground.scratch, `home-${name}`);
  let check: LinkingCheck | null = null;
  const done = linkOnServer({
    server: ground.url,
    words,
    deviceName: name,
    home,
    onCheck: (one) => (check = one),
    signal: ending.signal,
  });
  done.catch(() => undefined);
  return { home, done, check: () => check, ending };
}

describe('a device that is linked by words', () => {
  it('joins verified once it was approved, and holds the same files', { timeout: 3 * PATIENCE_MS }, async () => {
    const laptop = await start(await ground.home('Laptop'));
    const told: string[] = [];
    laptop.on('linking', ({ kind }) => told.push(kind));
    const here = path.join(ground.scratch, 'here');
    mkdirSync(here);
    await laptop.add(here, null);
    writeFileSync(path.join(here, 'a.txt'), 'hello');
    expect(await laptop.syncWait(PATIENCE_MS, () => false)).toBe('idle');

    const { text } = await offeredBy(laptop);
    // The text of the QR code names the server.
    const joining = link(text, 'Desktop');
    const asked = await asking(laptop);
    await until(() => joining.check() !== null, PATIENCE_MS);
    expect(asked).toMatchObject({ deviceName: 'Desktop', checkWords: joining.check()?.checkWords });
    expect(joining.check()).toMatchObject({ email: 'ada@example.org', oldDeviceName: 'Laptop' });
    await expect(laptop.calls.answerLinking({ approve: true, checkWords: 'other words' })).rejects.toMatchObject({
      code: 'not-found',
    });
    await laptop.calls.answerLinking({ approve: true, checkWords: asked.checkWords });
    await joining.done;
    await until(async () => (await stateOf(laptop)).kind !== 'adding', PATIENCE_MS);
    expect(await stateOf(laptop)).toEqual({ kind: 'added', deviceName: 'Desktop' });
    expect(told).toEqual(['offered', 'asking', 'adding', 'added']);

    const desktop = await start(joining.home);
    expect((await desktop.calls.devices()).devices.map(({ name, verified }) => [name, verified])).toEqual([
      ['Laptop', true],
      ['Desktop', true],
    ]);
    const there = path.join(ground.scratch, 'there');
    mkdirSync(there);
    await desktop.add(there, null);
    expect(await desktop.syncWait(PATIENCE_MS, () => false)).toBe('idle');
    expect(readFileSync(path.join(there, 'a.txt'), 'utf8')).toBe('hello');

    // A linked device links on, and what it vouches for is verified as well.
    const next = link((await offeredBy(desktop)).words, 'Tablet');
    await desktop.calls.answerLinking({ approve: true, checkWords: (await asking(desktop)).checkWords });
    await next.done;
    expect((await laptop.calls.devices()).devices.map(({ verified }) => verified)).toEqual([true, true, true]);
  });

  it(
    'stays outside with wrong words, used words, and when it was turned down',
    { timeout: 2 * PATIENCE_MS },
    async () => {
      const laptop = await start(await ground.home('Laptop'));
      await expect(link(createLinkingWords(systemRandom), 'Guess').done).rejects.toMatchObject({ code: 'not-found' });
      await expect(link('eight words of which none is', 'Guess').done).rejects.toMatchObject({
        code: 'invalid-argument',
      });

      const { words } = await offeredBy(laptop);
      const first = link(words, 'Desktop');
      const asked = await asking(laptop);
      await expect(link(words, 'Late').done).rejects.toMatchObject({ code: 'forbidden' });
      await laptop.calls.answerLinking({ approve: false, checkWords: asked.checkWords });
      await expect(first.done).rejects.toMatchObject({ code: 'not-found' });
      expect(await isHomeSetUp(first.home)).toBe(false);
      expect(await stateOf(laptop)).toEqual({ kind: 'none' });
      expect((await laptop.calls.devices()).devices).toHaveLength(1);

      // Words that were taken back, or made anew, are void.
      const old = await offeredBy(laptop);
      const anew = await offeredBy(laptop);
      await laptop.calls.stopLinking();
      for (const void_ of [old, anew]) await until(() => isVoid(void_.words), PATIENCE_MS);
    },
  );
});

async function isVoid(words: string): Promise<boolean> {
  const tried = link(words, `Void ${words.slice(0, 4)}`);
  const ended = await Promise.race([
    tried.done.then(
      () => 'in',
      (error: unknown) => (error as { code: string }).code,
    ),
    until(() => tried.check() !== null, 1_000).then(
      () => 'heard',
      () => 'nothing',
    ),
  ]);
  tried.ending.abort(new Error('enough'));
  return ended === 'not-found';
}
