import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppUpdater } from 'electron-updater';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchUpdates, type Updates } from './updates.ts';

/* The updater itself runs inside Electron alone; what it tells, and what it is told, is played. */
const played = () =>
  Object.assign(new EventEmitter(), {
    autoDownload: false,
    autoInstallOnAppQuit: false,
    allowDowngrade: true,
    checkForUpdates: vi.fn(() => Promise.resolve(null)),
    quitAndInstall: vi.fn(),
  });

const PATIENCE_MS = 30_000;
let resources: string;
let updates: Updates | null = null;

beforeEach(() => {
  resources = mkdtempSync(join(tmpdir(), 'onefold-feed-'));
  writeFileSync(join(resources, 'app-update.yml'), 'provider: github\n');
});
afterEach(() => {
  updates?.close();
  updates = null;
  rmSync(resources, { recursive: true });
});

test('a new version is told once it is here, and installed when that is asked for or the app quits', async () => {
  const updater = played();
  const onReady = vi.fn();
  updates = watchUpdates(resources, () => Promise.resolve(updater as unknown as AppUpdater), onReady);
  await vi.waitFor(() => expect(updater.checkForUpdates).toHaveBeenCalledOnce(), { timeout: PATIENCE_MS });
  expect(updater).toMatchObject({ autoDownload: true, autoInstallOnAppQuit: true, allowDowngrade: false });
  updater.emit('checking-for-update');
  expect(updates.state()).toEqual({ phase: 'looking', version: null });
  updater.emit('update-available', { version: '0.2.0' });
  expect(updates.state()).toEqual({ phase: 'fetching', version: '0.2.0' });
  updates.install();
  expect(updater.quitAndInstall).not.toHaveBeenCalled();
  expect(onReady).not.toHaveBeenCalled();
  updater.emit('update-downloaded', { version: '0.2.0' });
  expect(updates.state()).toEqual({ phase: 'ready', version: '0.2.0' });
  expect(onReady.mock.calls).toEqual([['0.2.0']]);
  updates.install();
  expect(updater.quitAndInstall).toHaveBeenCalledOnce();
});

test('a feed that cannot be reached is said, and ends nothing; nor does an updater that cannot be loaded', async () => {
  const updater = played();
  updater.checkForUpdates.mockRejectedValue(new Error('no route to host'));
  updates = watchUpdates(resources, () => Promise.resolve(updater as unknown as AppUpdater), vi.fn());
  await vi.waitFor(() => expect(updater.checkForUpdates).toHaveBeenCalled(), { timeout: PATIENCE_MS });
  updater.emit('error', new Error('no route to host'));
  expect(updates.state()).toEqual({ phase: 'failed', version: null });
  updates.close();
  updates = watchUpdates(resources, () => Promise.reject(new Error('broken')), vi.fn());
  await vi.waitFor(() => expect(updates?.state().phase).toBe('failed'), { timeout: PATIENCE_MS });
});
