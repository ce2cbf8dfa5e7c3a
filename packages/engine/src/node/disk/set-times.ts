import { futimesSync, lutimesSync } from 'node:fs';

/*
 * Node hands times to the system as seconds in a double: around today's dates its steps are 238 ns. Of the doubles near a wanted time one
 * is chosen that the disk shows within the wanted microsecond, so that times compare equal at one microsecond.
 */

const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_MICROSECOND = 1_000n;

/** Sets mtime (and atime to now) on an entry itself, never on what a link points to. */
export function setMtime(path: Buffer, mtimeNs: bigint): void {
  lutimesSync(path, Date.now() / 1_000, timeArgument(mtimeNs));
}

export function setMtimeOfOpenFile(fd: number, mtimeNs: bigint): void {
  futimesSync(fd, Date.now() / 1_000, timeArgument(mtimeNs));
}

/** Node replaces negative numbers by the present time, but takes them as text. */
function timeArgument(mtimeNs: bigint): number | string {
  const seconds = secondsFor(mtimeNs);
  return seconds < 0 ? String(seconds) : seconds;
}

/** Seconds as the double that comes back within the same microsecond, as exact as a double can. */
export function secondsFor(mtimeNs: bigint): number {
  const wantedMicroseconds = floorDivide(mtimeNs, NS_PER_MICROSECOND);
  const whole = floorDivide(mtimeNs, NS_PER_SECOND);
  let seconds = Number(whole) + Number(mtimeNs - whole * NS_PER_SECOND) / 1e9;
  for (let step = 0; step < 8; step++) {
    const shown = floorDivide(shownFor(seconds), NS_PER_MICROSECOND);
    if (shown === wantedMicroseconds) break;
    seconds = neighbour(seconds, shown < wantedMicroseconds);
  }
  return seconds;
}

/** What the system stores for a double: libuv's uv__fs_to_timespec truncates the fraction to nanoseconds. */
function shownFor(seconds: number): bigint {
  const whole = Math.trunc(seconds);
  const nanoseconds = Math.trunc((seconds - whole) * 1e9);
  return BigInt(whole) * NS_PER_SECOND + BigInt(nanoseconds);
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

const SCRATCH = new DataView(new ArrayBuffer(8));

/** The next larger or smaller double. */
function neighbour(value: number, isUp: boolean): number {
  if (value === 0) return isUp ? Number.MIN_VALUE : -Number.MIN_VALUE;
  SCRATCH.setFloat64(0, value);
  SCRATCH.setBigInt64(0, SCRATCH.getBigInt64(0) + (value > 0 === isUp ? 1n : -1n));
  return SCRATCH.getFloat64(0);
}
