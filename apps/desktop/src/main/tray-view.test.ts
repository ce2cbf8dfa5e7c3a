import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Status, SyncState } from '@onefold/control';
import { describe, expect, test, vi } from 'vitest';
import { trayIconFile } from './tray.ts';
import { trayView } from './tray-view.ts';
import type { TrayItem } from './tray-view.ts';
import { createSay } from './words/say.ts';

function folder(path: string, paused = false) {
  return { path, namespace: '', files: 1, head: 1, paused, state: paused ? 'paused' : 'idle', pending: 0 } as const;
}

const STATUS: Status = {
  state: 'idle',
  pending: 0,
  notYetSafe: 0,
  attention: [],
  folders: [folder('/home/me/Onefold')],
  server: { url: 'http://127.0.0.1:1', connected: true },
  device: { id: 'a', name: 'Laptop' },
  account: { email: 'a@example.org' },
  paused: false,
  version: '0.1.0',
  pid: 1,
};
const NOW = new Date(2026, 10, 26, 23, 30).getTime();
const en = createSay('en');

function labels(items: readonly TrayItem[]): string[] {
  return items.flatMap((item) => (item.kind === 'separator' ? [] : [item.label]));
}

vi.mock('electron', () => ({}));

describe('the tray', () => {
  test.each<[Partial<Status>, string]>([
    [{ state: 'idle' }, 'Everything is safe'],
    [{ state: 'syncing', notYetSafe: 1 }, '1 file not yet safe'],
    [{ state: 'syncing', notYetSafe: 1204 }, '1,204 files not yet safe'],
    [{ state: 'syncing', pending: 3 }, '3 changes on their way here'],
    [{ state: 'syncing' }, 'Syncing'],
    [{ state: 'offline' }, 'Offline'],
    [{ state: 'offline', notYetSafe: 5 }, 'Offline: 5 changes wait'],
    [{ state: 'paused' }, 'Paused'],
  ])('says what is going on: %o', (part, words) => {
    const view = trayView({ ...STATUS, ...part }, [], en, NOW);
    expect(view.tooltip).toBe(`Onefold: ${words}`);
    expect(view.icon).toBe(part.state);
  });

  test.each<[string, Partial<Status>, string, SyncState]>([
    ['of which a folder is paused', { folders: [folder('/a'), folder('/b', true)] }, '1 folder is paused', 'paused'],
    ['without a folder', { folders: [] }, 'No folder is kept yet', 'offline'],
    ['that has something left to send', { notYetSafe: 2, pending: 2 }, '2 files not yet safe', 'syncing'],
    ['that has something left to fetch', { pending: 1 }, '1 change on its way here', 'syncing'],
  ])('calls no device safe %s', (_what, part, words, icon) => {
    const view = trayView({ ...STATUS, ...part }, [], en, NOW);
    expect(view.tooltip).toContain(words);
    expect(view.tooltip).not.toContain('Everything');
    expect(view.icon).toBe(icon);
  });

  test('resumes what was paused folder by folder, too', () => {
    const folders = [folder('/a', true), folder('/b', true)];
    expect(labels(trayView({ ...STATUS, state: 'paused', folders }, [], en, NOW).items)).toContain('Resume');
  });

  test('never calls an engine that does not answer safe', () => {
    const view = trayView(null, [], en, NOW);
    expect(view.icon).toBe('offline');
    expect(labels(view.items)).not.toContain('Everything is safe');
    expect(labels(view.items)).not.toContain('Pause');
  });

  test('opens the one folder at once, and lets choose among several', () => {
    const one = trayView({ ...STATUS, folders: [folder('/home/me/Onefold')] }, [], en, NOW);
    expect(one.items).toContainEqual({
      kind: 'act',
      label: 'Open folder',
      does: { act: 'open-folder', folder: '/home/me/Onefold' },
    });
    const two = trayView({ ...STATUS, folders: [folder('/a'), folder('/b')] }, [], en, NOW);
    const menu = two.items.find((item) => item.kind === 'menu' && item.label === 'Open folder');
    expect(menu?.kind === 'menu' && labels(menu.items)).toEqual(['/a', '/b']);
  });

  test('pauses for an hour, until tomorrow by the calendar, or without end, and resumes', () => {
    const pause = trayView(STATUS, [], en, NOW).items.find((item) => item.kind === 'menu' && item.label === 'Pause');
    const does = pause?.kind === 'menu' ? pause.items.map((item) => (item.kind === 'act' ? item.does : null)) : [];
    expect(does).toEqual([
      { act: 'pause', untilMs: NOW + 3_600_000 },
      { act: 'pause', untilMs: new Date(2026, 10, 27).getTime() },
      { act: 'pause', untilMs: null },
    ]);
    expect(labels(trayView({ ...STATUS, state: 'paused', paused: true }, [], en, NOW).items)).toContain('Resume');
  });

  test('lists recent files by their names', () => {
    const recent = Array.from({ length: 12 }, (_, i) => ({ folder: '/a', path: `notes/${i}.txt` }));
    const menu = trayView(STATUS, recent, en, NOW).items.find((item) => item.kind === 'menu');
    expect(menu?.kind === 'menu' && labels(menu.items)).toEqual(recent.slice(0, 8).map((_, i) => `${i}.txt`));
  });

  test('has an icon for every state on every system', () => {
    const states: SyncState[] = ['idle', 'syncing', 'offline', 'paused', 'attention'];
    for (const platform of ['linux', 'darwin', 'win32'] as const)
      for (const state of states) {
        const file = join(import.meta.dirname, '..', '..', 'icons', 'tray', trayIconFile(state, platform));
        expect([file, statSync(file).size > 100]).toEqual([file, true]);
      }
  });
});
