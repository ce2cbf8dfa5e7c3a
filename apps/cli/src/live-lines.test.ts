import { describe, expect, test } from 'vitest';
import type { Progress, Status } from '@onefold/control';
import { liveLines, progressLine } from './live-lines.ts';

function terminal(columns: number, isTTY = true, rows = 24) {
  const written: string[] = [];
  return { isTTY, columns, rows, written, write: (text: string) => written.push(text) };
}

const progress: Progress = {
  filesDone: 412,
  filesTotal: 1204,
  bytesDone: 1,
  bytesTotal: 4,
  bytesPerSecond: 38_000_000,
  secondsLeft: 120,
  inFlight: [],
};
const status = { state: 'syncing', pending: 792, progress } as unknown as Status;

describe('live lines', () => {
  test('a second showing takes the place of the first', () => {
    const screen = terminal(40);
    const live = liveLines(screen, {});
    live?.show(['one', 'two']);
    live?.show(['three']);
    expect(screen.written.join('')).toBe('one\ntwo\n\u001B[2F\u001B[Jthree\n');
  });

  test('no line is wider than the terminal, so none wraps', () => {
    const screen = terminal(10);
    liveLines(screen, {})?.show(['0123456789', '가나다라마바']);
    expect(screen.written.join('')).toBe('012345678\n가나다라\n');
  });

  test('a terminal that says no size is taken for one of the usual size', () => {
    const screen = terminal(0, true, 0);
    const live = liveLines(screen, {});
    live?.show(['one of the usual length', 'two', 'three']);
    live?.clear();
    expect(screen.written.join('')).toBe('one of the usual length\ntwo\nthree\n\u001B[3F\u001B[J');
  });

  test('more lines than the terminal has are not written: the cursor would not come back to the first', () => {
    const screen = terminal(40, true, 4);
    const live = liveLines(screen, {});
    live?.show(['1', '2', '3', '4', '5']);
    live?.clear();
    expect(screen.written.join('')).toBe('1\n2\nand 3 more\n\u001B[3F\u001B[J');
  });

  test('a terminal that became narrower has more rows to go up over', () => {
    const screen = terminal(40);
    const live = liveLines(screen, {});
    live?.show(['0123456789']);
    screen.columns = 4;
    live?.clear();
    expect(screen.written.join('')).toBe('0123456789\n\u001B[3F\u001B[J');
  });

  test.each([
    ['a pipe', false, {}],
    ['a terminal that cannot move its cursor', true, { TERM: 'dumb' }],
  ])('%s has none', (_name, isTTY, env) => {
    expect(liveLines(terminal(80, isTTY), env)).toBeNull();
  });
});

describe('the progress line', () => {
  test('tells how far, how fast and how long', () => {
    expect(progressLine(status)).toBe('[######------------------] 412 of 1204 files, 38.0 MB/s, 2 min left');
  });

  test('is full only when everything is done', () => {
    const almost = { ...progress, bytesDone: 999_999, bytesTotal: 1_000_000 };
    expect(progressLine({ ...status, progress: almost })).toMatch(/^\[#{23}-\]/);
    expect(progressLine({ ...status, progress: { ...progress, bytesDone: 4 } })).toMatch(/^\[#{24}\]/);
  });

  test('goes by files where no bytes move', () => {
    const moves = { ...progress, bytesDone: 0, bytesTotal: 0, filesDone: 1, filesTotal: 2 };
    expect(progressLine({ ...status, progress: moves })).toMatch(/^\[#{12}-{12}\]/);
  });
});
