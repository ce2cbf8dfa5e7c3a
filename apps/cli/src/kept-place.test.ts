import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { placeAmong, resolveKept } from './kept-place.ts';

test('a path is told as its synced folder and what comes after; a folder that only begins alike is another one', () => {
  const folders = ['/home/ana/Onefold', '/home/ana/Work'];
  expect(placeAmong(folders, '/home/ana/Work/a/b.txt')).toEqual({ folder: '/home/ana/Work', path: 'a/b.txt' });
  expect(placeAmong(folders, '/home/ana/Onefold')).toEqual({ folder: '/home/ana/Onefold', path: '' });
  expect(placeAmong(folders, '/home/ana/Onefold/..a')).toEqual({ folder: '/home/ana/Onefold', path: '..a' });
  expect(placeAmong(folders, '/home/ana/Onefold 2/a')).toBeNull();
  expect(placeAmong(folders, '/home/ana')).toBeNull();
});

test('a kept folder is found by a link to it, and links in it stay what they are', () => {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'onefold-kept-')));
  onTestFinished(() => rmSync(scratch, { recursive: true }));
  const kept = join(scratch, 'disk', 'Onefold');
  mkdirSync(join(kept, '.onefold'), { recursive: true });
  symlinkSync(kept, join(scratch, 'link'));
  symlinkSync('/etc', join(kept, 'elsewhere'));
  expect(resolveKept(join(scratch, 'link'))).toBe(kept);
  expect(resolveKept(join(scratch, 'link', 'gone', 'a.txt'))).toBe(join(kept, 'gone', 'a.txt'));
  expect(resolveKept(join(scratch, 'link', 'elsewhere'))).toBe(join(kept, 'elsewhere'));
  expect(resolveKept(join(scratch, 'disk', 'a.txt'))).toBe(join(scratch, 'disk', 'a.txt'));
});
