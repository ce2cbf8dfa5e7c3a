export type DatePart = 'year' | 'month' | 'day';
export type Half = 'am' | 'pm';

/** How dates and times are written somewhere: what fields for them look like. */
export interface Writing {
  readonly order: readonly DatePart[];
  /** January first. */
  readonly months: readonly string[];
  /** Words for the halves of the day, and whether they stand before the time; null where its hours are counted through. */
  readonly halves: { readonly am: string; readonly pm: string; readonly isFirst: boolean } | null;
}

/** @param region a language tag as `regionOf` gives it, such as en-GB */
export function writingOf(region: string): Writing {
  const date = new Intl.DateTimeFormat(region, { year: 'numeric', month: 'short', day: 'numeric', timeZone: 'UTC' });
  const month = new Intl.DateTimeFormat(region, { month: 'short', timeZone: 'UTC' });
  const time = new Intl.DateTimeFormat(region, { timeStyle: 'short', timeZone: 'UTC' });
  const order = date
    .formatToParts(0)
    .flatMap(({ type }) => (type === 'year' || type === 'month' || type === 'day' ? [type] : []));
  const months = Array.from({ length: 12 }, (_, index) => month.format(Date.UTC(2024, index)));
  const ofHour = (hour: number): string | undefined =>
    time.formatToParts(Date.UTC(2024, 0, 1, hour)).find(({ type }) => type === 'dayPeriod')?.value;
  const [am, pm] = [ofHour(9), ofHour(21)];
  const isFirst = time.formatToParts(0).findIndex(({ type }) => type === 'dayPeriod') === 0;
  return { order, months, halves: am === undefined || pm === undefined ? null : { am, pm, isFirst } };
}

/** A time of day as its fields show it. @param text HH:MM or HH:MM:SS, or empty */
export function shownTime(text: string, { halves }: Writing): { readonly half: Half; readonly text: string } {
  const hour = Number(text.slice(0, 2));
  const half = hour < 12 ? 'am' : 'pm';
  if (halves === null || text === '') return { half, text };
  return { half, text: `${hour % 12 === 0 ? 12 : hour % 12}${text.slice(2)}` };
}

/**
 * Reads what was typed; an hour that no half of a day has is one of a whole day.
 * @returns HH:MM or HH:MM:SS, or null for what is no time
 */
export function readTime(typed: string, half: Half, { halves }: Writing): string | null {
  const [, hours = '', rest = ''] = /^(\d{1,2})((?::[0-5]\d){1,2})$/u.exec(typed.trim()) ?? [];
  const hour = Number(hours);
  if (hours === '' || hour > 23) return null;
  const isOfHalf = halves !== null && hour >= 1 && hour <= 12;
  const ofDay = isOfHalf ? (hour % 12) + (half === 'pm' ? 12 : 0) : hour;
  return `${String(ofDay).padStart(2, '0')}${rest}`;
}
