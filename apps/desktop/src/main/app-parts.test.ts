import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerAppCall, createAppClient } from '@onefold/control';
import type { Status } from '@onefold/control';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAppHandlers, placeInside } from './app-handlers.ts';
import { DEFAULT_SETTINGS, openAppSettings } from './app-settings.ts';
import { autostartEntry } from './login-item.ts';
import { createPauseTimer } from './pause-timer.ts';
import { watchUpdates } from './updates.ts';

const opened = vi.hoisted(() => ({ external: [] as string[], shown: [] as string[] }));

vi.mock('electron', () => ({
  app: {},
  dialog: { showOpenDialog: async () => ({ filePaths: ['/home/me/Onefold'] }) },
  shell: {
    openExternal: async (address: string) => void opened.external.push(address),
    showItemInFolder: (path: string) => void opened.shown.push(path),
  },
}));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-app-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

async function openApp() {
  const settings = await openAppSettings(join(folder, 'sub', 'settings.json'));
  const handlers = createAppHandlers({
    settings,
    updates: { state: () => ({ phase: 'off', version: null }), install: () => undefined, close: () => undefined },
    status: () => ({ folders: [{ path: folder }] }) as unknown as Status,
    chooseTitle: () => 'Choose',
    keyStore: async () => 'file',
  });
  return createAppClient((name, args) => answerAppCall(handlers, name, structuredClone(args)));
}

describe('what the page may ask of the app', () => {
  test('settings are kept, and a change leaves the others alone', async () => {
    const app = await openApp();
    await expect(app.call('readSettings', {})).resolves.toEqual(DEFAULT_SETTINGS);
    await app.call('changeSettings', { whenQuit: 'keep-syncing' });
    await app.call('changeSettings', { language: 'ko', openAtLogin: undefined });
    const again = await openApp();
    await expect(again.call('readSettings', {})).resolves.toEqual({
      ...DEFAULT_SETTINGS,
      whenQuit: 'keep-syncing',
      language: 'ko',
    });
  });

  test('a settings file that cannot be read is as if it were not there', async () => {
    const file = join(folder, 'settings.json');
    writeFileSync(file, '{"openAtLogin": "yes"');
    const settings = await openAppSettings(file);
    expect(settings.current()).toEqual(DEFAULT_SETTINGS);
    await settings.change({ notifications: false });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ notifications: false });
  });

  test('calls and arguments that the table does not know are refused', async () => {
    const app = await openApp();
    await expect(app.call('openLink', { link: 'https://evil.example' as 'help' })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    await expect(app.call('constructor' as 'readSettings', {})).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(app.call('changeSettings', { shell: 'x' } as never)).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    expect(opened.external).toEqual([]);
  });

  test('a link is one of ours, by name', async () => {
    const app = await openApp();
    await app.call('openLink', { link: 'help' });
    expect(opened.external).toEqual([expect.stringMatching(/^https:\/\/onefold\.app\//u)]);
  });

  test('only what lies in a kept folder is shown, and only what is there', async () => {
    const app = await openApp();
    writeFileSync(join(folder, 'a.txt'), '');
    await app.call('showInFolder', { folder, path: 'a.txt' });
    expect(opened.shown).toEqual([join(folder, 'a.txt')]);
    for (const path of ['../etc/passwd', 'missing.txt', '/etc/passwd', 'a\0b'])
      await expect(app.call('showInFolder', { folder, path })).rejects.toMatchObject({ code: 'not-found' });
    await expect(app.call('showInFolder', { folder: '/etc', path: 'passwd' })).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(placeInside(['/a'], '/a', '')).toBe('/a');
    expect(placeInside(['/a'], '/a', '../ab/c')).toBeNull();
  });
});

test('a pause ends by the wall clock, also when the machine slept over it', async () => {
  vi.useFakeTimers();
  const resume = vi.fn(() => Promise.resolve(true));
  let sleptMs = 0;
  const timer = createPauseTimer(() => Date.now() + sleptMs, resume);
  timer.set(Date.now() + 8 * 3_600_000);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(resume).not.toHaveBeenCalled();
  sleptMs = 7 * 3_600_000;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(resume).toHaveBeenCalledOnce();
  timer.set(null);
  await vi.advanceTimersByTimeAsync(24 * 3_600_000);
  expect(resume).toHaveBeenCalledOnce();
});

test('a pause that ran out while the app was closed is over once the engine can hear it', async () => {
  vi.useFakeTimers();
  let hears = false;
  const resume = vi.fn(() => Promise.resolve(hears));
  const timer = createPauseTimer(Date.now, resume);
  timer.set(Date.now() - 3_600_000);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(resume.mock.calls.length).toBeGreaterThan(2);
  hears = true;
  await vi.advanceTimersByTimeAsync(1_000);
  const asked = resume.mock.calls.length;
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(resume).toHaveBeenCalledTimes(asked);
});

test('a pause set while the end of an earlier one waits for the engine is the one that counts', async () => {
  vi.useFakeTimers();
  const resume = vi.fn(() => Promise.resolve(false));
  const timer = createPauseTimer(Date.now, resume);
  timer.set(Date.now() - 1);
  await vi.advanceTimersByTimeAsync(0);
  timer.set(Date.now() + 3_600_000);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(resume).toHaveBeenCalledOnce();
});

test('a pause that was ended elsewhere takes its end along: the next pause is another', async () => {
  vi.useFakeTimers();
  const resume = vi.fn(() => Promise.resolve(true));
  const over = vi.fn();
  const timer = createPauseTimer(Date.now, resume, over);
  timer.set(Date.now() + 3_600_000);
  // What was on its way before the engine heard of the pause.
  timer.follow(false);
  timer.follow(true);
  expect(over).not.toHaveBeenCalled();
  timer.follow(false);
  expect(over).toHaveBeenCalledOnce();
  timer.follow(true);
  await vi.advanceTimersByTimeAsync(2 * 3_600_000);
  expect(resume).not.toHaveBeenCalled();
});

test('a build without a feed never loads the updater', () => {
  const load = vi.fn();
  expect(watchUpdates(folder, load, () => undefined).state()).toEqual({ phase: 'off', version: null });
  expect(load).not.toHaveBeenCalled();
});

test('the entry for login names the program whatever its path holds', () => {
  expect(autostartEntry('/opt/Onefold/onefold')).toContain('Exec="/opt/Onefold/onefold" --hidden\n');
  expect(autostartEntry('/o $p/100%')).toContain(String.raw`Exec="/o \\$p/100%%" --hidden`);
});
