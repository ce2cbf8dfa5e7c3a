import { expect, test } from 'vitest';
import { limitsAt, type Hours, type TrafficSettings } from './limits.ts';

const NOTHING = { upBytesPerSecond: null, downBytesPerSecond: null };
const AT_WORK: Hours = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '08:30',
  to: '18:00',
  pause: false,
  upBytesPerSecond: 100_000,
  downBytesPerSecond: null,
};
const FRIDAY_NIGHT: Hours = { ...AT_WORK, ...NOTHING, days: ['fri'], from: '22:00', to: '02:00', pause: true };

function settings(schedule: readonly Hours[], metered: Partial<TrafficSettings['metered']> = {}): TrafficSettings {
  return {
    bandwidth: { upBytesPerSecond: 1_000_000, downBytesPerSecond: 2_000_000, schedule },
    metered: { then: 'go-on', ...NOTHING, ...metered },
  };
}

const at = (day: number, time: string) => {
  const [hour, minute] = time.split(':').map(Number);
  return { day, minute: hour! * 60 + minute! };
};

test.each([
  ['a working day’s hour', 1, '08:30', 100_000],
  ['the minute before', 1, '08:29', 1_000_000],
  ['the minute after', 5, '18:00', 1_000_000],
  ['a Sunday', 0, '12:00', 1_000_000],
])('%s has the limit of its hours', (_name, day, time, up) => {
  const found = limitsAt(settings([AT_WORK]), at(day, time), false);
  expect(found).toMatchObject({ upBytesPerSecond: up, heldBy: null });
});

test('hours that reach over midnight belong to the day they begin on', () => {
  const within = [at(5, '22:00'), at(5, '23:59'), at(6, '00:00'), at(6, '01:59')];
  const without = [at(5, '21:59'), at(6, '02:00'), at(4, '23:00'), at(5, '01:00'), at(6, '22:30')];
  for (const time of within) expect(limitsAt(settings([FRIDAY_NIGHT]), time, false).heldBy).toBe('schedule');
  for (const time of without) expect(limitsAt(settings([FRIDAY_NIGHT]), time, false).heldBy).toBeNull();
});

test('hours that end where they begin are the whole day from there', () => {
  const always = settings([{ ...FRIDAY_NIGHT, from: '00:00', to: '00:00' }]);
  expect(limitsAt(always, at(5, '00:00'), false).heldBy).toBe('schedule');
  expect(limitsAt(always, at(5, '23:59'), false).heldBy).toBe('schedule');
  expect(limitsAt(always, at(6, '00:00'), false).heldBy).toBeNull();
});

test('a metered connection takes away and never gives', () => {
  const limited = settings([AT_WORK], { then: 'limit', upBytesPerSecond: 500_000, downBytesPerSecond: 50_000 });
  expect(limitsAt(limited, at(1, '12:00'), true)).toEqual({
    upBytesPerSecond: 100_000,
    downBytesPerSecond: 50_000,
    heldBy: null,
  });
  expect(limitsAt(limited, at(0, '12:00'), true)).toMatchObject({ upBytesPerSecond: 500_000 });
  expect(limitsAt(limited, at(0, '12:00'), false)).toMatchObject({ upBytesPerSecond: 1_000_000 });
  const upAlone = settings([], { then: 'limit', upBytesPerSecond: 5 });
  expect(limitsAt(upAlone, at(0, '12:00'), true)).toMatchObject({ upBytesPerSecond: 5, downBytesPerSecond: 2_000_000 });
  const unlimited = settings([], { then: 'go-on', upBytesPerSecond: 5 });
  expect(limitsAt(unlimited, at(0, '12:00'), true)).toMatchObject({ upBytesPerSecond: 1_000_000 });
  const stopped = settings([], { then: 'pause' });
  expect(limitsAt(stopped, at(1, '12:00'), true).heldBy).toBe('metered');
  expect(limitsAt(stopped, at(1, '12:00'), false).heldBy).toBeNull();
});
