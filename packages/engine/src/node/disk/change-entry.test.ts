import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { at, change, disk, scratch, stat, useDisk } from './disk-ground.ts';

useDisk();

describe('other changes', () => {
  it('trashes files under their own path and keeps every one of them', async () => {
    mkdirSync(at('dir'));
    for (const content of ['first', 'second']) {
      writeFileSync(at('dir/file'), content);
      expect(await change({ op: 'trash', path: 'dir/file', expect: await stat('dir/file'), isSent: true })).toEqual({
        outcome: 'done',
        stat: null,
      });
    }
    const entries = await disk.listTrash();
    expect(entries.map((entry) => [entry.path, readFileSync(at(entry.at), 'utf8')])).toEqual([
      ['dir/file', 'first'],
      ['dir/file', 'second'],
    ]);
  });

  it('removes a folder only when it is empty', async () => {
    mkdirSync(at('dir'));
    writeFileSync(at('dir/unseen'), 'x');
    const expectDir = await stat('dir');
    expect(await change({ op: 'trash', path: 'dir', expect: expectDir, isSent: true })).toMatchObject({
      outcome: 'precondition',
    });
    rmSync(at('dir/unseen'));
    expect(await change({ op: 'trash', path: 'dir', expect: expectDir, isSent: true })).toEqual({
      outcome: 'done',
      stat: null,
    });
    expect(existsSync(at('dir'))).toBe(false);
  });

  it('sets mode and mtime to the microsecond, and strips what is no permission', async () => {
    writeFileSync(at('f'), 'x');
    const mtimeNs = 1_763_812_345_123_456_789n;
    const result = await change({
      op: 'set-attributes',
      path: 'f',
      expect: await stat('f'),
      attributes: { mtimeNs, mode: 0o4751 },
    });
    if (result.outcome !== 'done' || result.stat === null) throw new Error(result.outcome);
    expect(result.stat.mtimeNs / 1_000n).toBe(mtimeNs / 1_000n);
    expect(lstatSync(at('f')).mode & 0o7777).toBe(0o751);
  });

  it('creates folders and links only where nothing stands', async () => {
    const results = await disk.change([
      { op: 'create-folder', path: 'd', mode: 0o777 },
      { op: 'create-folder', path: 'd', mode: null },
      { op: 'create-link', path: 'd/l', target: '../..//up' },
      { op: 'create-link', path: 'd/l', target: 'x' },
      { op: 'create-folder', path: 'no/such/parent', mode: null },
    ]);
    expect(results.map((result) => result.outcome)).toEqual([
      'done',
      'precondition',
      'done',
      'precondition',
      'precondition',
    ]);
    expect(lstatSync(at('d')).mode & 0o777).toBe(0o777);
    expect(await disk.readLinks(['d/l'])).toEqual(['../..//up']);
  });

  it('refuses paths that would leave the folder', async () => {
    expect(await change({ op: 'create-folder', path: '../escaped', mode: null })).toEqual({
      outcome: 'failed',
      code: 'name-illegal',
    });
    expect(await change({ op: 'create-folder', path: 'a/../../escaped', mode: null })).toEqual({
      outcome: 'failed',
      code: 'name-illegal',
    });
    expect(existsSync(path.join(scratch, 'escaped'))).toBe(false);
  });

  it('discards from staging, whole trees included, and nothing else', async () => {
    const staging = disk.stagingPath('');
    mkdirSync(at(`${staging}/deep/er`), { recursive: true });
    symlinkSync('/etc', at(`${staging}/deep/out`));
    expect(await disk.listStaging()).toEqual([staging]);
    expect(await disk.discard([staging, staging])).toEqual({ outcome: 'done' });
    expect(await disk.listStaging()).toEqual([]);
    expect(existsSync('/etc/passwd')).toBe(true);
    writeFileSync(at('user'), 'x');
    await expect(disk.discard(['user'])).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('flushes one path and many', async () => {
    writeFileSync(at('one'), 'x');
    expect(await disk.flush(['one', 'gone'])).toEqual({ outcome: 'done' });
    for (let i = 0; i < 50; i++) writeFileSync(at(`many${i}`), 'x');
    expect(await disk.flush(Array.from({ length: 50 }, (_, i) => `many${i}`))).toEqual({ outcome: 'done' });
  });

  it('flushes past a pipe that stands at a place of the batch', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    writeFileSync(at('one'), 'x');
    expect(await disk.flush(['pipe', 'one'])).toEqual({ outcome: 'done' });
  });

  it('reads small files only', async () => {
    writeFileSync(at('rules'), '*.log');
    symlinkSync('rules', at('to-rules'));
    expect(await disk.readSmall('rules', 100)).toEqual(new TextEncoder().encode('*.log'));
    expect(await disk.readSmall('rules', 4)).toBeNull();
    expect(await disk.readSmall('to-rules', 100)).toBeNull();
    expect(await disk.readSmall('', 100)).toBeNull();
  });
});
