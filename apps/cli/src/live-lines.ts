import type { Progress, Status } from '@onefold/control';
import { formatBytes, formatSeconds } from './print-status.ts';

/** The part of a terminal that live lines need. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface LiveLines {
  /** Replaces what was shown before. */
  show(lines: readonly string[]): void;
  /** Takes the lines away; what is printed next stands in their place. */
  clear(): void;
}

const BAR_CELLS = 24;

/** Lines at the bottom of a terminal that are drawn over; null anywhere else: a file, a pipe, a terminal whose cursor cannot move. */
export function liveLines(terminal: Terminal, env: NodeJS.ProcessEnv = process.env): LiveLines | null {
  if (terminal.isTTY !== true || env['TERM'] === 'dumb') return null;
  let shown = 0;
  function clear(): void {
    // To the first of our lines, and everything below it away.
    if (shown > 0) terminal.write(`\u001B[${shown}F\u001B[J`);
    shown = 0;
  }
  return {
    clear,
    show(lines) {
      clear();
      // A line that wraps would be two to go up over.
      const width = Math.max(1, (terminal.columns ?? 80) - 1);
      terminal.write(lines.map((line) => `${fit(line, width)}\n`).join(''));
      shown = lines.length;
    },
  };
}

/** The beginning of a line that surely fits: what is not ASCII counts as two cells, as Korean letters take. */
function fit(line: string, width: number): string {
  let cells = 0;
  let kept = '';
  for (const letter of line) {
    cells += letter <= '~' ? 1 : 2;
    if (cells > width) break;
    kept += letter;
  }
  return kept;
}

/** One line: bar, files, speed, time left; and the state alone while nothing can be counted. */
export function progressLine({ state, progress, pending }: Status): string {
  if (progress === undefined) return pending === 0 ? 'Looking for changes' : `${pending} left (${state})`;
  const left = progress.secondsLeft === null ? '' : `, ${formatSeconds(progress.secondsLeft)} left`;
  return `${bar(progress)} ${progress.filesDone} of ${progress.filesTotal} files, ${formatBytes(progress.bytesPerSecond)}/s${left}`;
}

/** By bytes, and by files where there are none to move. */
function bar({ bytesDone, bytesTotal, filesDone, filesTotal }: Progress): string {
  const part = bytesTotal > 0 ? bytesDone / bytesTotal : filesTotal > 0 ? filesDone / filesTotal : 0;
  // Full only when it is done.
  const cells = part >= 1 ? BAR_CELLS : Math.min(BAR_CELLS - 1, Math.floor(Math.max(0, part) * BAR_CELLS));
  return `[${'#'.repeat(cells)}${'-'.repeat(BAR_CELLS - cells)}]`;
}
