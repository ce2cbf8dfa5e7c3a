import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { DeviceId, NamespaceId } from '@onefold/protocol';
import type { ChangeResult, DiskChange, Listing } from '../../ports.ts';
import type { FileStat, RelPath } from '../../core/tree.ts';
import { openDisk, type Disk } from './disk.ts';
import { writeMarker, type RootRecord } from './root-marker.ts';

const IDS = { folderId: 'f1', deviceId: 'd'.repeat(32) as DeviceId, namespaceId: 'a'.repeat(64) as NamespaceId };

/* For tests: a fresh root, open, for each test of the file. `scratch` is the folder that holds it and nothing else. */

export let scratch: string;
export let root: string;
export let record: RootRecord;
export let disk: Disk;

export function useDisk(): void {
  beforeEach(async () => {
    scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'disk-')));
    root = path.join(scratch, 'root');
    mkdirSync(root);
    record = await writeMarker(root, IDS);
    disk = await openDisk(record);
  });
  afterEach(async () => {
    await disk.close();
    rmSync(scratch, { recursive: true, force: true });
  });
}

/** Closes the disk and opens it again. */
export async function reopen(): Promise<void> {
  await disk.close();
  disk = await openDisk(record);
}

export const at = (relative: string): string => path.join(root, relative);

export async function stat(relative: RelPath): Promise<FileStat> {
  const [found] = await disk.stat([relative]);
  if (found === null || found === undefined || 'outcome' in found) throw new Error(`nothing at ${relative}`);
  return found;
}

export async function change(one: DiskChange): Promise<ChangeResult> {
  return (await disk.change([one]))[0]!;
}

export async function listed(relative: RelPath): Promise<Extract<Listing, { outcome: 'listed' }>> {
  const [listing] = await disk.list([relative]);
  if (listing?.outcome !== 'listed') throw new Error(`not listed: ${listing?.outcome}`);
  return listing;
}

/** A file in staging. */
export function stage(content: string): RelPath {
  const staging = disk.stagingPath('');
  writeFileSync(at(staging), content);
  return staging;
}
