import { ROOT_NODE, type DeviceId, type NameTag, type NodeId, type NodeSnapshot } from '@onefold/protocol';
import { describe, expect, test } from 'vitest';
import type { Remote } from '../ports.ts';
import { createVirtualClock } from '../testing/virtual-clock.ts';
import { readSnapshot, rowsOf } from './read-snapshot.ts';
import type { Session } from './session.ts';

const DEVICE = 'ab'.repeat(16) as DeviceId;

function rowOf(i: number, sealed = 1): NodeSnapshot {
  const node = i.toString(16).padStart(32, '0') as NodeId;
  const place = { version: 1, seq: i, epoch: 0, device: DEVICE, sealed: new Uint8Array([i, sealed]) };
  const nameTag = i.toString(16).padStart(64, '0') as NameTag;
  return { node, kind: 'file', parent: ROOT_NODE, nameTag, hidden: false, place, content: null, attributes: null };
}

/** A new device that reads a tree of ten nodes, three at a time; what the server gives from the second time on is changed by `later`. */
function reading(later: (row: NodeSnapshot) => NodeSnapshot = (row) => row) {
  const all = Array.from({ length: 10 }, (_, i) => rowOf(i + 1));
  const asked = new Set<NodeId | null>();
  const snapshot: Remote['snapshot'] = (_, after) => {
    const behind = all.filter(({ node }) => after === null || node > after);
    const rows = behind.slice(0, 3).map((row) => (asked.has(after) ? later(row) : row));
    asked.add(after);
    return Promise.resolve({ rows, isLast: behind.length <= 3 });
  };
  const ports = { remote: { snapshot }, clock: createVirtualClock() };
  return { session: { device: DEVICE, cursor: null, ports } as unknown as Session, all };
}

describe('a tree that is too large for the memory', () => {
  test('is read again, page by page, and is the same', async () => {
    const { session, all } = reading();
    const { pages } = await readSnapshot(session, 5, 1);
    expect(pages.map(({ rows }) => rows === null)).toEqual([false, true, true, true]);
    const rows = await Promise.all(pages.map((page) => rowsOf(session, 5, page)));
    expect(rows.flat()).toEqual(all);
  });

  test('is refused when the server has another one the second time', async () => {
    const { session } = reading((row) => (row.node.endsWith('7') ? rowOf(7, 2) : row));
    const { pages } = await readSnapshot(session, 5, 1);
    await rowsOf(session, 5, pages[1]!);
    await expect(rowsOf(session, 5, pages[2]!)).rejects.toMatchObject({ code: 'journal-invalid' });
  });
});
