import type { Activity } from '@onefold/control';
import { describe, expect, test } from 'vitest';
import { setScene } from '../fixtures/scenes.ts';
import { groupActivity } from './activity-groups.ts';
import { CHART_WIDTH, drawChart } from './chart.ts';
import { CHART_SPAN_MS, EMPTY_MODEL, change } from './model.ts';
import type { Change } from './model.ts';
import { splitName, splitPath } from './names.ts';

function after(...changes: readonly Change[]) {
  return changes.reduce(change, EMPTY_MODEL);
}

function item(id: string, by: Partial<Activity> = {}): Activity {
  return {
    id,
    atMs: 0,
    kind: 'added',
    path: `p/${id}`,
    folder: '/f',
    device: { id: 'd', name: 'D', here: true },
    ...by,
  };
}

describe('model', () => {
  test('new activity stands on top, newest first, and nothing twice', () => {
    const model = after(
      { kind: 'activity-newest', items: [item('3'), item('2')], isLast: false },
      { kind: 'activity-new', items: [item('3'), item('4'), item('5')] },
      { kind: 'activity-earlier', items: [item('2'), item('1')], isLast: true },
    );
    expect(model.activity.map(({ id }) => id)).toEqual(['5', '4', '3', '2', '1']);
    expect(model.hasEarlierActivity).toBe(false);
  });

  test('after a gap the newest page takes the place of what was known', () => {
    const model = after(
      { kind: 'activity-newest', items: [item('1')], isLast: true },
      { kind: 'activity-newest', items: [item('200'), item('199')], isLast: false },
    );
    expect(model.activity.map(({ id }) => id)).toEqual(['200', '199']);
    expect(model.hasEarlierActivity).toBe(true);
  });

  test('whoever asks for what is earlier gets it, however much is known; what is new drops nothing that was asked for', () => {
    const items = (from: number, to: number) =>
      Array.from({ length: from - to + 1 }, (_, at) => item(String(from - at)));
    const model = after(
      { kind: 'activity-newest', items: items(60_000, 40_001), isLast: false },
      { kind: 'activity-earlier', items: items(40_000, 39_801), isLast: false },
    );
    expect([model.activity.length, model.activity.at(-1)?.id]).toEqual([20_200, '39801']);
    const later = change(model, { kind: 'activity-new', items: [item('60001')] });
    expect([later.activity.length, later.activity[0]?.id]).toEqual([20_200, '60001']);
  });

  test('where the oldest made room for what is new, the feed does not claim to be whole', () => {
    const items = Array.from({ length: 20_000 }, (_, at) => item(String(20_000 - at)));
    const whole = after({ kind: 'activity-newest', items, isLast: true });
    expect(whole.hasEarlierActivity).toBe(false);
    const model = change(whole, { kind: 'activity-new', items: [item('20001')] });
    expect([model.activity.length, model.activity.at(-1)?.id, model.hasEarlierActivity]).toEqual([20_000, '2', true]);
  });

  test('keeps two minutes of throughput, and none from before a gap', () => {
    const samples = Array.from({ length: 300 }, (_, second): Change => ({
      kind: 'throughput',
      sample: { atMs: second * 1000, upBytesPerSecond: 1, downBytesPerSecond: 1 },
      nowMs: second * 1000 + 7_200_000 + (second % 5),
    }));
    const model = after(...samples);
    expect(model.throughput.length).toBeLessThanOrEqual(CHART_SPAN_MS / 1000 + 2);
    expect(model.throughput.at(-1)?.atMs).toBe(299_000);
    expect(model.skewMs).toBe(7_200_000);
    expect(change(model, { kind: 'line-ended' }).throughput).toEqual([]);
  });

  test('an announced upload ends when it is told, and is forgotten when it never is', () => {
    const device = { id: 'd2', name: 'Desktop' };
    const told = (phase: 'pending' | 'uploaded', nowMs: number): Change => ({
      kind: 'uploading',
      uploading: { folder: '/f', device, phase, path: 'a.txt' },
      nowMs,
    });
    expect(after(told('pending', 0)).uploading).toEqual({ d2: { path: 'a.txt', atMs: 0 } });
    expect(after(told('pending', 0), told('uploaded', 10)).uploading).toEqual({});
    expect(after(told('pending', 0), { kind: 'devices', devices: [], nowMs: 61_000 }).uploading).toEqual({});
  });
});

describe('activity groups', () => {
  test('a run of one kind by one device is one row, and rows keep their order', () => {
    const groups = groupActivity(setScene('idle', 1e12).activity);
    expect(groups.map(({ count }) => count)).toEqual([1, 1, 1, 40, 1, 1, 1, 1]);
  });

  test('conflicts are never folded, nor what lies far apart or is by another device', () => {
    const conflicts = Array.from({ length: 5 }, (_, index) => item(String(index), { kind: 'conflict' }));
    expect(groupActivity(conflicts)).toHaveLength(5);
    expect(
      groupActivity([item('1', { atMs: 90_000 }), item('2', { atMs: 45_000 }), item('3', { atMs: 0 })]),
    ).toHaveLength(3);
    const other = { id: 'e', name: 'E', here: false };
    expect(groupActivity([item('1'), item('2'), item('3', { device: other })])).toHaveLength(3);
  });

  test('no item is lost', () => {
    const { activity } = setScene('idle', 1e12);
    expect(groupActivity(activity).reduce((sum, { count }) => sum + count, 0)).toBe(activity.length);
  });
});

describe('chart', () => {
  test('the newest sample stands at the right edge and the scale reads well', () => {
    const { throughput } = setScene('syncing', 1_000_000_000);
    const chart = drawChart(throughput, 1_000_000_000);
    expect(chart.upLine).toContain(`L${CHART_WIDTH},`);
    expect(chart.topBytesPerSecond).toBe(50_000_000);
    expect(chart.peakBytesPerSecond).toBeLessThanOrEqual(chart.topBytesPerSecond);
  });

  test('a silence is drawn as nothing moving, not as a slope across it', () => {
    const chart = drawChart(
      [
        { atMs: 0, upBytesPerSecond: 1e6, downBytesPerSecond: 0 },
        { atMs: 60_000, upBytesPerSecond: 1e6, downBytesPerSecond: 0 },
      ],
      60_000,
    );
    expect(chart.upLine).toBe('M480,0L488,96L952,96L960,0');
    expect(chart.upArea).toBe('M480,0L488,96L952,96L960,0L960,96L952,96L488,96L480,96Z');
  });

  test('nothing to draw is drawn as nothing', () => {
    expect(drawChart([], 0)).toMatchObject({ upLine: '', upArea: '', topBytesPerSecond: 100_000 });
    const one = { atMs: 0, upBytesPerSecond: 1e6, downBytesPerSecond: 0 };
    expect(drawChart([one], 0)).toMatchObject({ upLine: '', upArea: '', downLine: '', downArea: '' });
  });

  test('the top is a round number that no sample exceeds, and never so low that noise fills the chart', () => {
    const top = (peak: number) =>
      drawChart([{ atMs: 0, upBytesPerSecond: 0, downBytesPerSecond: peak }], 0).topBytesPerSecond;
    expect([1, 100_000, 100_001, 3e6, 3.4e6, 9e6, 1e9].map(top)).toEqual([
      100_000, 100_000, 200_000, 5e6, 5e6, 1e7, 1e9,
    ]);
  });

  test('what is older than the span, or told twice in one moment, stays within the chart', () => {
    const at = (atMs: number) => ({ atMs, upBytesPerSecond: 100_000, downBytesPerSecond: 100_000 });
    const { upLine } = drawChart([at(0), at(1000), at(1000), at(2000)], 2000 + CHART_SPAN_MS);
    expect(upLine).toBe('M0,0L0,0L0,0L0,0');
  });
});

describe('names', () => {
  test('what may be cut is never the extension, and nothing is lost', () => {
    for (const name of [
      'a',
      'Budget.xlsx',
      'Tax return with every enclosure.pdf',
      '.gitignore-with-a-long-name',
      '가나다라마바사아자차카타파하거너.hwp',
      'no extension but rather long',
    ]) {
      const { stem, ending } = splitName(name);
      expect(stem + ending).toBe(name);
      expect(stem).not.toBe('');
    }
    expect(splitName('Tax return with every enclosure.pdf').ending).toBe('sure.pdf');
    expect(splitName('Budget.xlsx').ending).toBe('');
  });

  test('a letter of two units is not cut in two', () => {
    const { ending } = splitName('😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀.txt');
    expect(ending).toBe('😀😀😀😀.txt');
  });

  test('paths of both kinds of systems', () => {
    expect(splitPath('/home/ana/Onefold')).toEqual({ parent: '/home/ana', name: 'Onefold' });
    expect(splitPath('C:\\Users\\ana\\Onefold\\')).toEqual({ parent: 'C:\\Users\\ana', name: 'Onefold' });
    expect(splitPath('file.txt')).toEqual({ parent: '', name: 'file.txt' });
    expect(splitPath('/')).toEqual({ parent: '', name: '/' });
  });
});
