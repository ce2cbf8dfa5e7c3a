import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DeviceId, NamespaceId } from '@onefold/protocol';
import type { FileStat } from '../../core/tree.ts';
import { openDisk, type Disk } from './disk.ts';
import { writeMarker } from './root-marker.ts';

let root: string;
let disk: Disk;
let isMounted: boolean;

beforeEach(async ({ skip }) => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'volumes-')));
  mkdirSync(path.join(root, 'data', 'usb stick'), { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'none', path.join(root, 'data/usb stick')], { stdio: 'ignore' });
    isMounted = true;
  } catch {
    isMounted = false;
    skip('mounting a volume needs root');
  }
  const ids = { folderId: 'f', deviceId: 'd'.repeat(32) as DeviceId, namespaceId: 'a'.repeat(64) as NamespaceId };
  disk = await openDisk(await writeMarker(root, ids));
});

afterEach(async () => {
  if (isMounted) {
    await disk.close();
    execFileSync('umount', [path.join(root, 'data/usb stick')]);
  }
  rmSync(root, { recursive: true });
});

const at = (relative: string): string => path.join(root, relative);
const INSIDE = 'data/usb stick';

async function stat(relative: string): Promise<FileStat> {
  return (await disk.stat([relative]))[0] as FileStat;
}

it('stages and trashes on the volume that holds the file', async () => {
  const staging = disk.stagingPath(`${INSIDE}/a`);
  expect(staging.startsWith(`${INSIDE}/.onefold/staging/`)).toBe(true);
  expect(disk.stagingPath('data/a').startsWith('.onefold/staging/')).toBe(true);
  writeFileSync(at(staging), 'staged');
  const [moved] = await disk.change([
    { op: 'move', from: staging, to: `${INSIDE}/a`, expectFrom: await stat(staging), expectTo: null, keepAs: null },
  ]);
  expect(moved?.outcome).toBe('done');
  expect(await disk.listStaging()).toEqual([]);
  const [trashed] = await disk.change([
    { op: 'trash', path: `${INSIDE}/a`, expect: await stat(`${INSIDE}/a`), isSent: true },
  ]);
  expect(trashed).toEqual({ outcome: 'done', stat: null });
  expect(existsSync(at(`${INSIDE}/.onefold/trash`))).toBe(true);
  expect(await disk.list([INSIDE])).toMatchObject([{ outcome: 'listed', entries: [] }]);
  expect(await disk.flush([`${INSIDE}/a`])).toEqual({ outcome: 'done' });
});

it('carries a file from one volume to another whole, and takes nothing away before', async () => {
  const content = 'x'.repeat(300_000);
  writeFileSync(at('file'), content, { mode: 0o640 });
  const expectFrom = await stat('file');
  writeFileSync(at(`${INSIDE}/taken`), 'user');
  const [refused, moved] = await disk.change([
    { op: 'move', from: 'file', to: `${INSIDE}/taken`, expectFrom, expectTo: null, keepAs: null },
    { op: 'move', from: 'file', to: `${INSIDE}/file`, expectFrom, expectTo: null, keepAs: null },
  ]);
  expect(refused?.outcome).toBe('precondition');
  expect(moved).toMatchObject({ outcome: 'done', stat: { sizeBytes: content.length, mode: 0o640 } });
  expect((await stat(`${INSIDE}/file`)).mtimeNs / 1_000n).toBe(expectFrom.mtimeNs / 1_000n);
  expect(readFileSync(at(`${INSIDE}/file`), 'utf8')).toBe(content);
  expect(readFileSync(at(`${INSIDE}/taken`), 'utf8')).toBe('user');
  expect(existsSync(at('file'))).toBe(false);
  expect(await disk.listStaging()).toEqual([]);
  expect(readdirSync(at('data'))).toEqual(['usb stick']);
});

it('leaves a file on a volume that may only be read where it is, and no copy of it elsewhere', async () => {
  writeFileSync(at(`${INSIDE}/file`), 'x');
  const expectFrom = await stat(`${INSIDE}/file`);
  execFileSync('mount', ['-o', 'remount,ro', at(INSIDE)]);
  const results = await disk.change([
    { op: 'move', from: `${INSIDE}/file`, to: 'file', expectFrom, expectTo: null, keepAs: null },
    { op: 'trash', path: `${INSIDE}/file`, expect: expectFrom, isSent: true },
  ]);
  expect(results).toMatchObject([
    { outcome: 'failed', code: 'read-only' },
    { outcome: 'failed', code: 'read-only' },
  ]);
  expect(readFileSync(at(`${INSIDE}/file`), 'utf8')).toBe('x');
  expect(existsSync(at('file'))).toBe(false);
  expect(await disk.listStaging()).toEqual([]);
});

it('stages in the root for a volume that may only be read, which then says so of the file', async () => {
  writeFileSync(at(`${INSIDE}/file`), 'old');
  execFileSync('mount', ['-o', 'remount,ro', at(INSIDE)]);
  const staging = disk.stagingPath(`${INSIDE}/file`);
  expect(staging.startsWith('.onefold/staging/')).toBe(true);
  writeFileSync(at(staging), 'new');
  const expectTo = await stat(`${INSIDE}/file`);
  const keepAs = disk.stagingPath(`${INSIDE}/file`, 'kept');
  const [moved] = await disk.change([
    { op: 'move', from: staging, to: `${INSIDE}/file`, expectFrom: await stat(staging), expectTo, keepAs },
  ]);
  expect(moved).toMatchObject({ outcome: 'failed', code: 'read-only' });
  expect(readFileSync(at(`${INSIDE}/file`), 'utf8')).toBe('old');
  expect(await disk.listStaging()).toEqual([staging]);
});

it('leaves a folder that should go to another volume where it is, with all that is in it, and says why', async () => {
  mkdirSync(at('folder/in'), { recursive: true });
  writeFileSync(at('folder/in/file'), 'x');
  const expectFrom = await stat('folder');
  const to = `${INSIDE}/folder`;
  const [moved] = await disk.change([{ op: 'move', from: 'folder', to, expectFrom, expectTo: null, keepAs: null }]);
  expect(moved).toMatchObject({ outcome: 'failed', code: 'other-disk' });
  expect(readFileSync(at('folder/in/file'), 'utf8')).toBe('x');
  expect(existsSync(at(to))).toBe(false);
  expect(await disk.listStaging()).toEqual([]);
});

it('can neither rename nor remove a folder on which something is mounted, and says why', async () => {
  mkdirSync(at('bound'));
  mkdirSync(at('elsewhere'));
  execFileSync('mount', ['--bind', at('elsewhere'), at('bound')]);
  try {
    for (const folder of [INSIDE, 'bound']) {
      const standing = await stat(folder);
      const results = await disk.change([
        { op: 'move', from: folder, to: 'renamed', expectFrom: standing, expectTo: null, keepAs: null },
        { op: 'trash', path: folder, expect: standing, isSent: true },
      ]);
      for (const result of results) expect(result).toMatchObject({ outcome: 'failed', code: 'mount-point' });
      expect([existsSync(at(folder)), existsSync(at('renamed'))]).toEqual([true, false]);
    }
  } finally {
    execFileSync('umount', [at('bound')]);
  }
  // One on which nothing is mounted any more.
  const [removed] = await disk.change([{ op: 'trash', path: 'bound', expect: await stat('bound'), isSent: true }]);
  expect(removed).toEqual({ outcome: 'done', stat: null });
});

it('takes a folder of the same volume that is mounted inside for a volume by itself', async () => {
  mkdirSync(at('bound'));
  mkdirSync(at('elsewhere'));
  writeFileSync(at('elsewhere/old'), 'old');
  execFileSync('mount', ['--bind', at('elsewhere'), at('bound')]);
  try {
    writeFileSync(at('new'), 'new');
    writeFileSync(at('next'), 'next');
    const keepAs = disk.stagingPath('bound/old', 'kept');
    expect(keepAs.startsWith('bound/.onefold/staging/')).toBe(true);
    const old = await stat('bound/old');
    const results = await disk.change([
      { op: 'move', from: 'new', to: 'bound/old', expectFrom: await stat('new'), expectTo: old, keepAs },
      { op: 'move', from: 'next', to: 'bound/next', expectFrom: await stat('next'), expectTo: null, keepAs: null },
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
    expect(readFileSync(at('elsewhere/old'), 'utf8')).toBe('new');
    expect(readFileSync(at('elsewhere/next'), 'utf8')).toBe('next');
    expect(readFileSync(at(keepAs), 'utf8')).toBe('old');
    expect([existsSync(at('new')), existsSync(at('next'))]).toEqual([false, false]);
    expect(await disk.listStaging()).toEqual([keepAs]);
    const [trashed] = await disk.change([
      { op: 'trash', path: 'bound/next', expect: await stat('bound/next'), isSent: true },
    ]);
    expect(trashed).toEqual({ outcome: 'done', stat: null });
  } finally {
    execFileSync('umount', [at('bound')]);
  }
});
