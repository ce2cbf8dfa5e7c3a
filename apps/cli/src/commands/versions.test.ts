import { expect, test } from 'vitest';
import { linesOf } from './versions.ts';

const laptop = { id: 'd1', name: 'Laptop' };
const desktop = { id: 'd2', name: 'Desktop' };

test('versions and what happened to the name stand in one list, newest first', () => {
  const lines = linesOf({
    versions: [
      { version: '2', atMs: 3000, sizeBytes: 1200, device: desktop, kind: 'edited', isCurrent: true },
      { version: '1', atMs: 1000, sizeBytes: 3, device: laptop, kind: 'added', isCurrent: false },
    ],
    events: [{ atMs: 2000, kind: 'renamed', path: 'thesis.txt', previousPath: 'draft.txt', device: laptop }],
  });
  expect(lines.map((line) => line.replace(/\s+/gu, ' '))).toEqual([
    '1970-01-01T00:00:03.000Z 2 1.2 kB edited on Desktop (current)',
    '1970-01-01T00:00:02.000Z renamed on Laptop, was draft.txt',
    '1970-01-01T00:00:01.000Z 1 3 B added on Laptop',
  ]);
});
