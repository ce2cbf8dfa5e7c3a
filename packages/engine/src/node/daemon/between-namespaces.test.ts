import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DaemonCore } from './daemon-core.ts';
import { startTwoDevices, until, type TwoDevices } from './test-ground.ts';

const PATIENCE_MS = 60_000;

let devices: TwoDevices;
let laptop: DaemonCore;
let desktop: DaemonCore;
let photos: { readonly here: string; readonly there: string };

const soon = (what: () => boolean | Promise<boolean>): Promise<void> => until(what, PATIENCE_MS);

beforeEach(async () => {
  devices = await startTwoDevices();
  ({ laptop, desktop } = devices);
  photos = { here: `${devices.here}-photos`, there: `${devices.there}-photos` };
  for (const folder of [photos.here, photos.there]) mkdirSync(folder);
  await laptop.add(photos.here, 'Photos');
  await desktop.add(photos.there, 'Photos');
  mkdirSync(path.join(devices.here, 'trip'));
  writeFileSync(path.join(devices.here, 'trip', 'a.jpg'), 'a face');
  writeFileSync(path.join(devices.here, 'b.jpg'), 'a house');
  await devices.settle(PATIENCE_MS);
}, PATIENCE_MS);

afterEach(() => devices.close(), PATIENCE_MS);

it(
  'what moves between namespaces is deleted in the one only once the server has it in the other',
  { timeout: 3 * PATIENCE_MS },
  async () => {
    await laptop.pause(photos.here);
    for (const name of ['trip', 'b.jpg']) renameSync(path.join(devices.here, name), path.join(photos.here, name));
    // Something else of the same folder goes on meanwhile.
    writeFileSync(path.join(devices.here, 'c.jpg'), 'a cat');
    await soon(() => existsSync(path.join(devices.there, 'c.jpg')));
    await soon(() => laptop.status().notYetSafe >= 2);
    // Twice as long as a delete waits for its pair.
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    await desktop.syncWait(PATIENCE_MS, () => false);
    expect(readFileSync(path.join(devices.there, 'trip', 'a.jpg'), 'utf8')).toBe('a face');
    expect(existsSync(path.join(devices.there, 'b.jpg'))).toBe(true);
    expect(laptop.status().state).not.toBe('idle');
    // It cannot end before the other folder goes on, and says so instead of waiting for that.
    expect(await laptop.syncWait(PATIENCE_MS, () => false)).toBe('paused');

    await laptop.resume(photos.here);
    await soon(() => existsSync(path.join(photos.there, 'b.jpg')) && !existsSync(path.join(devices.there, 'b.jpg')));
    await devices.settle(PATIENCE_MS);
    expect(readFileSync(path.join(photos.there, 'trip', 'a.jpg'), 'utf8')).toBe('a face');
    expect(existsSync(path.join(devices.there, 'trip'))).toBe(false);
  },
);
