import type { NodeId } from '@onefold/protocol';
import { expect, test } from 'vitest';
import type { FileStat } from '../core/tree.ts';
import { readTaken, takenLabel } from './taken.ts';

const NODE = '0123456789abcdef0123456789abcdef' as NodeId;
const STAT: FileStat = {
  kind: 'file',
  sizeBytes: 42,
  mtimeNs: -1_500n,
  ctimeNs: 0n,
  birthtimeNs: 0n,
  inode: 1n,
  device: 1n,
  linkCount: 1,
  mode: 0o644,
};

test('what was taken from the folder says by its name in staging whose it was and how it was', () => {
  const path = `mounted/.onefold/staging/${takenLabel('kept', NODE, STAT)}8f3a`;
  expect(readTaken(path)).toEqual({ as: 'kept', node: NODE, sizeBytes: 42, mtimeNs: -1_500n });
});

test('what the engine wrote to staging itself was not taken', () => {
  expect(readTaken('.onefold/staging/0123456789abcdef01234567')).toBe(null);
});
