import { expect, test } from 'vitest';
import { describe } from './trash.ts';

test('what lies in the trash says where it stood, how it is named to be restored, and when it goes', () => {
  const entry = {
    id: 'server:4',
    folder: '/home/ana/Onefold',
    path: 'Notes/a.md',
    kind: 'file',
    where: 'server',
    sizeBytes: 1200,
    trashedAtMs: 0,
    goesAtMs: 86_400_000,
    device: null,
  } as const;
  expect(describe(entry)).toEqual([
    'server    1.2 kB  1970-01-01T00:00:00.000Z /home/ana/Onefold/Notes/a.md',
    '  server:4  goes 1970-01-02',
  ]);
  expect(describe({ ...entry, trashedAtMs: null, goesAtMs: null })[1]).toBe('  server:4');
});
