import { expect, test } from 'vitest';
import { placeAmong } from './kept-place.ts';

test('a path is told as its synced folder and what comes after; a folder that only begins alike is another one', () => {
  const folders = ['/home/ana/Onefold', '/home/ana/Work'];
  expect(placeAmong(folders, '/home/ana/Work/a/b.txt')).toEqual({ folder: '/home/ana/Work', path: 'a/b.txt' });
  expect(placeAmong(folders, '/home/ana/Onefold')).toEqual({ folder: '/home/ana/Onefold', path: '' });
  expect(placeAmong(folders, '/home/ana/Onefold/..a')).toEqual({ folder: '/home/ana/Onefold', path: '..a' });
  expect(placeAmong(folders, '/home/ana/Onefold 2/a')).toBeNull();
  expect(placeAmong(folders, '/home/ana')).toBeNull();
});
