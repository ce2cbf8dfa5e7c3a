import type { NodeId } from '@onefold/protocol';
import { clip, MAX_NAME_BYTES, nameBytes } from './names.ts';
import type { Name } from './tree.ts';

const MARK = /^(.*) \(conflict, (.{1,64}), (\d{4})-(\d\d)-(\d\d) (\d\d)\.(\d\d)(?: \d+)?\)((?:\.[^.]*)?)$/su;
/** All of it, stem, device, year, month, day, hour, minute, ending. */
type MarkParts = readonly [string, string, string, string, string, string, string, string, string];

/**
 * The name under which the loser of a conflict is kept: `report (conflict, Laptop, 2026-11-22 14.03).txt`. `attempt` 1 adds nothing, later
 * ones a number. A conflict copy in conflict keeps one mark, not two. Never longer than MAX_NAME_BYTES. Time in UTC.
 */
export function conflictName(name: Name, deviceName: string, atMs: number, attempt: number, isFolder: boolean): Name {
  const original = readConflictName(name)?.name ?? name;
  const device = clip(deviceName.replace(/[/\0\p{Cc}\p{Cs}]/gu, '').trim(), 48, nameBytes) || 'device';
  const number = attempt > 1 ? ` ${attempt}` : '';
  return marked(original, ` (conflict, ${device}, ${minuteOf(atMs)}${number})`, isFolder);
}

/** Under which a node is known for a moment, while the name it is to have is still another's: `a (moving 77d03e12).txt`. */
export function passingName(name: Name, node: NodeId, attempt: number, isFolder: boolean): Name {
  return marked(name, ` (moving ${node.slice(0, 8)}${attempt > 1 ? ` ${attempt}` : ''})`, isFolder);
}

/** With the mark before the ending, which stays as far as 64 bytes. */
function marked(name: Name, mark: string, isFolder: boolean): Name {
  const dot = isFolder ? -1 : name.lastIndexOf('.');
  const ending = dot > 0 ? clip(name.slice(dot), 64, nameBytes) : '';
  const stem = dot > 0 ? name.slice(0, dot) : name;
  return clip(stem, MAX_NAME_BYTES - nameBytes(mark) - nameBytes(ending), nameBytes) + mark + ending;
}

export interface ConflictMark {
  /** The name the other side has. */
  readonly name: Name;
  readonly deviceName: string;
  readonly atMs: number;
  /** A name for the copy that says whence it is and is no mark: `report (Laptop, 2026-11-22 14.03).txt`. */
  readonly plainName: (attempt: number) => Name;
}

/** Takes the name of a conflict copy apart; null for any other name. */
export function readConflictName(name: Name): ConflictMark | null {
  const parts = MARK.exec(name);
  if (parts === null) return null;
  const [, stem, deviceName, year, month, day, hour, minute, extension] = parts as unknown as MarkParts;
  const days = daysOf(Number(year), Number(month), Number(day));
  return {
    name: stem + extension,
    deviceName,
    atMs: ((days * 24 + Number(hour)) * 60 + Number(minute)) * 60_000,
    plainName: (attempt) => {
      const moment = `${year}-${month}-${day} ${hour}.${minute}`;
      return `${stem} (${deviceName}, ${moment}${attempt > 1 ? ` ${attempt}` : ''})${extension}`;
    },
  };
}

/** The same algorithm the other way: days_from_civil. */
function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export function isConflictName(name: Name): boolean {
  return MARK.test(name);
}

/** `2026-11-22 14.03`: no colon, which not every disk can hold. Computed, since core knows no Date. */
function minuteOf(atMs: number): string {
  const minutes = Math.floor(Math.max(0, atMs) / 60_000);
  const { year, month, day } = civilDate(Math.floor(minutes / 1_440));
  const inDay = minutes % 1_440;
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)} ${pad(Math.floor(inDay / 60), 2)}.${pad(inDay % 60, 2)}`;
}

/** Days since 1970 to a date. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days. */
function civilDate(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
