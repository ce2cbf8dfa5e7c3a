import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DeviceId, NamespaceId } from '@onefold/protocol';
import { openDisk } from './disk.ts';
import { inspectRoot, writeMarker } from './root-marker.ts';

const IDS = { folderId: 'f', deviceId: 'd'.repeat(32) as DeviceId, namespaceId: 'a'.repeat(64) as NamespaceId };

let scratch: string;
let loops: string[];

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', stdio: 'pipe' }).trim();

/** A loop device of its own for an image, which keeps its number taken. */
function attach(image: string): string {
  const loop = run('losetup', '--find', '--show', image);
  loops.push(loop);
  return loop;
}

beforeEach(({ skip }) => {
  scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'remount-')));
  loops = [];
  mkdirSync(path.join(scratch, 'mnt'));
  for (const name of ['volume', 'other']) {
    writeFileSync(path.join(scratch, name), '');
    truncateSync(path.join(scratch, name), 16 * 1024 * 1024);
  }
  try {
    run('mkfs.ext4', '-q', path.join(scratch, 'volume'));
    run('mount', attach(path.join(scratch, 'volume')), path.join(scratch, 'mnt'));
  } catch {
    skip('mounting a volume needs root and loop devices');
  }
});

afterEach(() => {
  try {
    run('umount', path.join(scratch, 'mnt'));
  } catch {
    // It was never mounted.
  }
  for (const loop of loops) run('losetup', '--detach', loop);
  rmSync(scratch, { recursive: true });
});

it('knows a folder again whose volume has another number, and reports it under the recorded one', async () => {
  const root = path.join(scratch, 'mnt', 'root');
  mkdirSync(root);
  writeFileSync(path.join(root, 'a'), 'a');
  const record = await writeMarker(root, IDS);
  const first = await openDisk(record);
  const [before] = await first.stat(['a']);
  await first.close();

  run('umount', path.join(scratch, 'mnt'));
  expect(await inspectRoot(record)).toEqual({ outcome: 'missing' });
  run('losetup', '--detach', loops.pop()!);
  attach(path.join(scratch, 'other'));
  run('mount', attach(path.join(scratch, 'volume')), path.join(scratch, 'mnt'));
  expect(statSync(root, { bigint: true }).dev).not.toBe(record.volume);

  const again = await openDisk(record);
  expect(await again.checkRoot()).toMatchObject({ outcome: 'present', stat: { device: record.volume } });
  expect(await again.stat(['a'])).toEqual([before]);
  expect(again.stagingPath('a').startsWith('.onefold/staging/')).toBe(true);
  await again.close();
});
