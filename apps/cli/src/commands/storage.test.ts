import { expect, test } from 'vitest';
import { storageLines } from './storage.ts';

test('what stands right below comes largest first, then kinds, then what is not part of the tree', () => {
  const part = { path: '', count: 1 };
  const lines = storageLines({
    parts: [
      { ...part, id: 0, parent: null, name: '', kind: 'folder', sizeBytes: 6000 },
      { ...part, id: 1, parent: 0, name: 'a.txt', kind: 'file', sizeBytes: 1000 },
      { ...part, id: 2, parent: 0, name: 'Photos', kind: 'folder', sizeBytes: 5000 },
      { ...part, id: 3, parent: 2, name: 'deep.jpg', kind: 'file', sizeBytes: 5000 },
    ],
    kinds: [{ kind: 'images', sizeBytes: 5000, count: 1 }],
    trash: { sizeBytes: 0, count: 0 },
    deleted: { sizeBytes: 700, count: 2 },
    freeBytes: null,
    server: { usedBytes: 9000, quotaBytes: 10_000 },
  });
  expect(lines.map((line) => line.trim().replace(/\s+/gu, ' '))).toEqual([
    '5.0 kB 1 Photos/',
    '1.0 kB 1 a.txt',
    '',
    '5.0 kB 1 images',
    '',
    '0 B 0 in the trash here',
    '700 B 2 deleted, kept by the server',
    '9.0 kB used on the server, with old versions, of 10.0 kB',
  ]);
});
