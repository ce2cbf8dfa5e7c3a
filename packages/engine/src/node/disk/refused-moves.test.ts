/* A folder or a file that may not be changed: whatever the attempt did on its way is taken back, and what it could not take back is told. */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileStat, RelPath } from '../../core/tree.ts';
import type { ChangeResult } from '../../ports.ts';
import { at, change, disk, stage, stat, useDisk } from './disk-ground.ts';
import { makeImmutable, makeMutable } from './test-immutable.ts';

useDisk();

const sealed: string[] = [];

function seal(relative: string): void {
  makeImmutable(at(relative));
  sealed.push(at(relative));
}

function unseal(): void {
  sealed.splice(0).forEach(makeMutable);
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

async function replaceDoc(staging: RelPath, expectTo: FileStat | null): Promise<ChangeResult> {
  const keepAs = disk.stagingPath('closed/doc');
  const expectFrom = await stat(staging);
  return change({ op: 'move', from: staging, to: 'closed/doc', expectFrom, expectTo, keepAs });
}

describe('what a folder refuses', () => {
  it('replacing a file leaves it the only one, and nothing of it in staging', async () => {
    const staging = stage('newer');
    const expectTo = await stat('closed/doc');
    seal('closed');
    await expectUntouched(await replaceDoc(staging, expectTo));
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
    await expectUntouched(await replaceDoc(staging, expectTo));
    expect(readdirSync(at('.onefold/staging'))).toHaveLength(1);
  });
});
