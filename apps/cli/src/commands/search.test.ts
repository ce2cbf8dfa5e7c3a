import { expect, test } from 'vitest';
import { describeFound } from './search.ts';

test('a hit says how it stands, its size and its whole path', () => {
  const entry = { folder: '/home/ana/Onefold', kind: 'file', sizeBytes: 1200, mtimeMs: 0, state: 'waiting' } as const;
  const line = describeFound({ ...entry, path: 'a b.txt', isDeleted: false });
  expect(line.replace(/\s+/gu, ' ')).toBe('waiting 1.2 kB /home/ana/Onefold/a b.txt');
  expect(describeFound({ ...entry, path: 'a', kind: 'folder', isDeleted: true })).toMatch(
    /^deleted .* folder {2}.*\/a\/$/u,
  );
});
