/** Making a formatter costs far more than using one, and rows of a list need one each. By what it is made of. */
const made = new Map<string, unknown>();

function formatter<F, O>(Kind: new (language: string, options: O) => F, language: string, options: O): F {
  const key = `${Kind.name} ${language} ${JSON.stringify(options)}`;
  const known = made.get(key) ?? new Kind(language, options);
  made.set(key, known);
  return known as F;
}

/**
 * The language as it is written where the person lives: "en" has a date of the United States, and "en-GB" among the system's languages that of Britain.
 * @param systemLanguages in order of preference, as navigator.languages
 */
export function regionOf(language: string, systemLanguages: readonly string[]): string {
  return systemLanguages.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language;
}

const DECIMAL_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

function scale(bytes: number): { readonly value: number; readonly unit: (typeof DECIMAL_UNITS)[number] } {
  let value = bytes;
  let step = 0;
  // 999.5 would be shown as 1,000 of the smaller unit.
  while (value >= 999.5 && step < DECIMAL_UNITS.length - 1) {
    value /= 1000;
    step += 1;
  }
  return { value, unit: DECIMAL_UNITS[step] ?? 'byte' };
}

function formatUnit(language: string, value: number, unit: string): string {
  const fractionDigits = value > 0 && value < 9.95 && unit !== 'byte' && !unit.startsWith('byte-') ? 1 : 0;
  const text = formatter(Intl.NumberFormat, language, {
    style: 'unit',
    unit,
    unitDisplay: unit.startsWith('byte') ? 'narrow' : 'short',
    minimumFractionDigits: 0,
    maximumFractionDigits: fractionDigits,
  }).format(value);
  if (unit !== 'byte') return text;
  // English has a space before every other unit of this kind, and Korean a letter for it.
  return language.startsWith('en') ? text.replace(/B$/u, ' B') : text.replace(/byte$/u, 'B');
}

/** Decimal units: 1 kB is 1,000 bytes, as on a disk's label. */
export function formatBytes(language: string, bytes: number): string {
  const { value, unit } = scale(bytes);
  return formatUnit(language, value, unit);
}

/** Never below kilobytes: a speed in bytes is noise. */
export function formatSpeed(language: string, bytesPerSecond: number): string {
  const { value, unit } =
    bytesPerSecond < 1000 ? { value: bytesPerSecond / 1000, unit: 'kilobyte' } : scale(bytesPerSecond);
  return formatUnit(language, value, `${unit}-per-second`);
}

/** One unit only: 40 sec, 2 min, 3 hr. Rounded up, so that "1 min" never lasts longer than a minute. */
export function formatDuration(language: string, seconds: number): string {
  const [value, unit] =
    seconds <= 59
      ? ([Math.max(1, Math.ceil(seconds)), 'second'] as const)
      : seconds <= 59 * 60
        ? ([Math.ceil(seconds / 60), 'minute'] as const)
        : seconds <= 47 * 3600
          ? ([Math.ceil(seconds / 3600), 'hour'] as const)
          : ([Math.ceil(seconds / 86_400), 'day'] as const);
  return formatter(Intl.NumberFormat, language, { style: 'unit', unit, unitDisplay: 'short' }).format(value);
}

/** @returns null for less than two seconds ago, and for a clock that stands behind */
export function formatAgo(language: string, atMs: number, nowMs: number): string | null {
  const seconds = Math.floor((nowMs - atMs) / 1000);
  if (seconds < 2) return null;
  const relative = formatter(Intl.RelativeTimeFormat, language, { style: 'narrow', numeric: 'always' });
  if (seconds < 60) return relative.format(-seconds, 'second');
  if (seconds < 3600) return relative.format(-Math.floor(seconds / 60), 'minute');
  if (seconds < 86_400) return relative.format(-Math.floor(seconds / 3600), 'hour');
  return relative.format(-Math.floor(seconds / 86_400), 'day');
}

export function formatPercent(language: string, ratio: number): string {
  // 100 % is only said when it is done.
  const percent = ratio >= 1 ? 1 : Math.min(0.99, ratio);
  return formatter(Intl.NumberFormat, language, { style: 'percent', maximumFractionDigits: 0 }).format(percent);
}

export function formatMoment(language: string, atMs: number, systemLanguages = systemLanguagesHere()): string {
  const region = regionOf(language, systemLanguages);
  return formatter(Intl.DateTimeFormat, region, { dateStyle: 'medium', timeStyle: 'medium' }).format(atMs);
}

/** A day, written out. */
export function formatDay(language: string, day: Date, systemLanguages = systemLanguagesHere()): string {
  return formatter(Intl.DateTimeFormat, regionOf(language, systemLanguages), { dateStyle: 'long' }).format(day);
}

function systemLanguagesHere(): readonly string[] {
  return navigator.languages;
}
