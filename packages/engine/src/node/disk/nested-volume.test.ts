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
