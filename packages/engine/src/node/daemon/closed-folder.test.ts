/* A folder that this program may not write to, on a real disk: what is in it stays as it is, here and elsewhere, and comes into step when it may. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeImmutable, makeMutable } from '../disk/test-immutable.ts';
import type { DaemonCore } from './daemon-core.ts';
import { startTwoDevices, until, type TwoDevices } from './test-ground.ts';

const PATIENCE_MS = 60_000;

let devices: TwoDevices;
let here: string;
let there: string;
let desktop: DaemonCore;
let closed: string | null = null;

function close(folder: string): void {
  makeImmutable(folder);
  closed = folder;
}

function open(): void {
  if (closed === null) return;
  makeMutable(closed);
  closed = null;
}

beforeAll(async () => {
  devices = await startTwoDevices();
  ({ here, there, desktop } = devices);
}, 2 * PATIENCE_MS);

afterAll(async () => {
  open();
  await devices.close();
}, PATIENCE_MS);

it(
  'is asked for less and less often, nothing in it gets a second name, and all of it follows in the end',
  { timeout: 4 * PATIENCE_MS },
  async () => {
    mkdirSync(path.join(here, 'f'));
    for (const name of ['edited', 'moved', 'deleted']) writeFileSync(path.join(here, 'f', name), 'old');
    await devices.settle(PATIENCE_MS);
    const folder = path.join(there, 'f');
    close(folder);
    writeFileSync(path.join(here, 'f/edited'), 'newer');
    renameSync(path.join(here, 'f/moved'), path.join(here, 'moved'));
    unlinkSync(path.join(here, 'f/deleted'));
    for (const name of ['edited', 'deleted', 'moved']) {
      const waitsLong = async (): Promise<boolean> => {
        const { reasons } = await desktop.calls.explain({ path: path.join(folder, name) });
        const { code, cause, retryAtMs = 0 } = reasons[0]!;
        return code === 'needs-you' && cause === 'access-denied' && retryAtMs - Date.now() > 4_000;
      };
      await until(waitsLong, PATIENCE_MS);
    }
    expect(readdirSync(folder).sort()).toEqual(['deleted', 'edited', 'moved']);
    for (const name of ['edited', 'deleted', 'moved']) {
      expect(readFileSync(path.join(folder, name), 'utf8')).toBe('old');
      expect(lstatSync(path.join(folder, name)).nlink).toBe(1);
    }
    expect(existsSync(path.join(there, 'moved'))).toBe(false);
    expect(readdirSync(path.join(there, '.onefold/staging'))).toEqual([]);
    expect((await desktop.calls.trash({})).entries.filter(({ where }) => where === 'here')).toEqual([]);
    open();
    await devices.settle(PATIENCE_MS);
    for (const root of [here, there]) {
      expect(readdirSync(root).sort()).toEqual(['.onefold', 'f', 'moved']);
      expect(readdirSync(path.join(root, 'f'))).toEqual(['edited']);
      expect(readFileSync(path.join(root, 'f/edited'), 'utf8')).toBe('newer');
    }
  },
);
