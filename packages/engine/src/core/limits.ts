/* How fast this device may go, and whether at all: from what people set, the hour, and what the connection costs. */

export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Day = (typeof DAYS)[number];

/** Bytes per second; null: without a limit. */
export interface Rates {
  readonly upBytesPerSecond: number | null;
  readonly downBytesPerSecond: number | null;
}

export interface Hours extends Rates {
  readonly days: readonly Day[];
  /** `HH:MM`, local time. Ends before `to`; where that is not later it is of the next day. */
  readonly from: string;
  readonly to: string;
  readonly pause: boolean;
}

export interface TrafficSettings {
  readonly bandwidth: Rates & { readonly schedule: readonly Hours[] };
  readonly metered: Rates & { readonly then: 'go-on' | 'limit' | 'pause' };
}

export interface Limits extends Rates {
  readonly heldBy: 'schedule' | 'metered' | null;
}

const DAY_MINUTES = 24 * 60;

/** `day` and `minute` are local: 0 is Sunday, and midnight. The first hours that fit hold; a metered connection only ever takes away. */
export function limitsAt(
  { bandwidth, metered }: TrafficSettings,
  { day, minute }: { readonly day: number; readonly minute: number },
  isMetered: boolean,
): Limits {
  const hours = bandwidth.schedule.find((one) => isWithin(one, day, minute));
  const base: Rates = hours ?? bandwidth;
  const isLimited = isMetered && metered.then === 'limit';
  return {
    upBytesPerSecond: isLimited ? lower(base.upBytesPerSecond, metered.upBytesPerSecond) : base.upBytesPerSecond,
    downBytesPerSecond: isLimited
      ? lower(base.downBytesPerSecond, metered.downBytesPerSecond)
      : base.downBytesPerSecond,
    heldBy: isMetered && metered.then === 'pause' ? 'metered' : hours?.pause === true ? 'schedule' : null,
  };
}

function isWithin({ days, from, to }: Hours, day: number, minute: number): boolean {
  const begins = minutesOf(from);
  const ends = minutesOf(to);
  const length = (ends - begins + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
  const isToday = days.includes(DAYS[day]!) && minute >= begins && minute < begins + length;
  const isSinceYesterday = days.includes(DAYS[(day + 6) % 7]!) && minute + DAY_MINUTES < begins + length;
  return isToday || isSinceYesterday;
}

function minutesOf(timeOfDay: string): number {
  const [hour, minute] = timeOfDay.split(':');
  return Number(hour) * 60 + Number(minute);
}

function lower(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
