import { expect, test } from 'vitest';
import type { FileVersion, PlaceEvent } from '@onefold/control';
import { timeLineOf } from './time-line.ts';

const device = { id: 'd1', name: 'Laptop' };

function version(name: string, atMs: number): FileVersion {
  return { version: name, atMs, sizeBytes: 1, device, kind: 'edited', isCurrent: false };
}

function event(path: string, atMs: number): PlaceEvent {
  return { atMs, kind: 'renamed', path, device };
}

test('versions and what happened to the name stand in one line, newest first, each version with the one before it', () => {
  const items = timeLineOf(
    [version('3', 300), version('2', 200), version('1', 100)],
    [event('c', 350), event('b', 250), event('a', 50)],
  );
  expect(
    items.map((item) =>
      item.kind === 'event' ? item.event.path : `${item.version.version}<${item.before?.version ?? ''}`,
    ),
  ).toEqual(['c', '3<2', 'b', '2<1', '1<', 'a']);
  expect(new Set(items.map(({ key }) => key)).size).toBe(6);
});

test('versions keep the order of the server where its clock went back', () => {
  const items = timeLineOf([version('2', 100), version('1', 200)], [event('a', 150)]);
  expect(items.map((item) => (item.kind === 'event' ? item.event.path : item.version.version))).toEqual([
    'a',
    '2',
    '1',
  ]);
});
