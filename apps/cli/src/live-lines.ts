import type { Progress, Status } from '@onefold/control';
import { formatBytes, formatSeconds } from './print-status.ts';

/** The part of a terminal that live lines need. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
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
  let shown: readonly string[] = [];
  // A terminal that nobody gave a size says 0.
  const columns = (): number => sizeOr(terminal.columns, 80);
  function clear(): void {
    // To the first of our lines, and everything below it away. A terminal that became narrower has broken some of them.
    const up = shown.reduce((rows, line) => rows + Math.max(1, Math.ceil(cellsOf(line) / columns())), 0);
    if (up > 0) terminal.write(`\u001B[${up}F\u001B[J`);
    shown = [];
  }
  return {
    clear,
    show(lines) {
      clear();
      // A line that wraps would be two to go up over, and the cursor goes no further up than the terminal is high.
      const width = Math.max(1, columns() - 1);
      shown = fewEnough(lines, Math.max(2, sizeOr(terminal.rows, 24) - 1)).map((line) => fit(line, width));
      terminal.write(shown.map((line) => `${line}\n`).join(''));
    },
  };
}

function sizeOr(size: number | undefined, otherwise: number): number {
  return size === undefined || size === 0 ? otherwise : size;
}

function fewEnough(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `and ${lines.length - most + 1} more`];
}

/** As many as it surely needs at most: what is not ASCII counts as two, as Korean letters take. */
function cellsOf(text: string): number {
  let cells = 0;
  for (const letter of text) cells += letter <= '~' ? 1 : 2;
  return cells;
}

/** The beginning of a line that surely fits. */
function fit(line: string, width: number): string {
  let left = width;
  let kept = '';
  for (const letter of line) {
    left -= cellsOf(letter);
    if (left < 0) break;
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
