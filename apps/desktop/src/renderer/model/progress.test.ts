import type { Progress } from '@onefold/control';
import { expect, test } from 'vitest';
import { ratioOf } from './progress.ts';

const half = { path: 'film.mov', direction: 'up', bytesDone: 50, bytesTotal: 100 } as const;

function progress(by: Partial<Progress>): Progress {
  return {
    filesDone: 0,
    filesTotal: 1,
    bytesDone: 0,
    bytesTotal: 0,
    bytesPerSecond: 0,
    secondsLeft: null,
    inFlight: [],
    ...by,
  };
}

test('one large file moves the bar while it is on its way', () => {
  expect(ratioOf(progress({ inFlight: [half] }))).toBe(0.5);
  expect(ratioOf(progress({ filesDone: 1, filesTotal: 3, inFlight: [half] }))).toBe(0.5);
});

test('bytes are believed before files, and nothing is more than whole', () => {
  expect(ratioOf(progress({ filesDone: 9, filesTotal: 10, bytesDone: 1, bytesTotal: 4 }))).toBe(0.25);
  expect(ratioOf(progress({ filesDone: 1, filesTotal: 1, inFlight: [half] }))).toBe(1);
  expect(ratioOf(progress({ filesTotal: 0 }))).toBe(0);
});
