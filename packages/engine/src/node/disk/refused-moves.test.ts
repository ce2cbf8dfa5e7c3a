/* A folder or a file that may not be changed: whatever the attempt did on its way is taken back, and what it could not take back is told. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeResult } from '../../ports.ts';
import { at, change, disk, stage, stat, useDisk } from './disk-ground.ts';

useDisk();

let sealed: string[] = [];

/** Nothing may be made, renamed or removed in it, also by root. */
function seal(relative: string): void {
  if (process.getuid?.() !== 0) return chmodSync(at(relative), 0o555);
  execFileSync('chattr', ['+i', at(relative)]);
  sealed.push(at(relative));
}

function unseal(): void {
  if (process.getuid?.() !== 0) return chmodSync(at('closed'), 0o755);
  for (const absolute of sealed) execFileSync('chattr', ['-i', absolute]);
  sealed = [];
}

beforeEach(() => {
  mkdirSync(at('closed'));
  writeFileSync(at('closed/doc'), 'old');
});

afterEach(unseal);

/** It stands as it did, under one name, and the answer says how it is shown by now. */
async function expectUntouched(result: ChangeResult): Promise<void> {
  expect(result).toMatchObject({ outcome: 'failed', code: 'access-denied' });
  expect(readFileSync(at('closed/doc'), 'utf8')).toBe('old');
  expect(lstatSync(at('closed/doc')).nlink).toBe(1);
  expect(result).toMatchObject({ touched: await stat('closed/doc') });
}

describe('what a folder refuses', () => {
  it('replacing a file leaves it the only one, and nothing of it in staging', async () => {
    const staging = stage('newer');
    const expectTo = await stat('closed/doc');
    seal('closed');
    const keepAs = disk.stagingPath('closed/doc');
    const result = await change({
      op: 'move',
      from: staging,
      to: 'closed/doc',
      expectFrom: await stat(staging),
      expectTo,
      keepAs,
    });
    await expectUntouched(result);
    expect(await disk.listStaging()).toEqual([staging]);
  });

  it('moving a file out leaves it where it was, and only there', async () => {
    const expectFrom = await stat('closed/doc');
    seal('closed');
    const result = await change({
      op: 'move',
      from: 'closed/doc',
      to: 'doc',
      expectFrom,
      expectTo: null,
      keepAs: null,
    });
    await expectUntouched(result);
    expect(existsSync(at('doc'))).toBe(false);
  });

  it('trashing a file leaves it where it was, and nothing in the trash', async () => {
    const expected = await stat('closed/doc');
    seal('closed');
    await expectUntouched(await change({ op: 'trash', path: 'closed/doc', expect: expected, isSent: true }));
    expect(await disk.listTrash()).toEqual([]);
  });
});

describe('a file that may not be changed', () => {
  it('is copied nowhere by an attempt to replace it', async ({ skip }) => {
    if (process.getuid?.() !== 0) skip('only root can make such a file');
    const staging = stage('newer');
    seal('closed/doc');
    const expectTo = await stat('closed/doc');
    const keepAs = disk.stagingPath('closed/doc');
    const result = await change({
      op: 'move',
      from: staging,
      to: 'closed/doc',
      expectFrom: await stat(staging),
      expectTo,
      keepAs,
    });
    await expectUntouched(result);
    expect(readdirSync(at('.onefold/staging'))).toHaveLength(1);
  });
});
