import { diffWordsWithSpace } from 'diff';
import type { LineChanges } from './line-changes.ts';

/** A stretch of a line; `isChanged` where the other side has something else. */
export interface DiffPiece {
  readonly text: string;
  readonly isChanged: boolean;
}

export interface DiffLine {
  /** Counted from 1. */
  readonly number: number;
  readonly pieces: readonly DiffPiece[];
}

/** What stands beside each other. Of a line that only one side has, the other is null. */
export type DiffRow =
  | { readonly kind: 'same' | 'changed'; readonly before: DiffLine | null; readonly after: DiffLine | null }
  | { readonly kind: 'skipped'; readonly count: number };

export type TextDiff =
  | { readonly kind: 'rows'; readonly rows: readonly DiffRow[]; readonly isCut: boolean }
  | { readonly kind: 'same' }
  /** Too little in common for a comparison that anyone would read, or for one in good time. */
  | { readonly kind: 'too-different' };

const CONTEXT_LINES = 3;
const MOST_ROWS = 3000;
/** Of so many lines it is told which words changed; in a text that changed all over nobody looks for words. */
const MOST_WORDED = 300;
/** Longer lines are compared as a whole. */
const LONGEST_LINE = 1000;

/** Two texts line by line, and in lines that changed word by word. @param changes null for too many to be told */
export function diffTexts(before: string, after: string, changes: LineChanges | null): TextDiff {
  if (before === after) return { kind: 'same' };
  if (changes === null) return { kind: 'too-different' };
  const rows: DiffRow[] = [];
  let worded = 0;
  const pushChanged = (gone: readonly string[], came: readonly string[], left: number, right: number): void => {
    for (let index = 0; index < Math.max(gone.length, came.length); index++) {
      const before = gone[index];
      const after = came[index];
      const isWorded = before !== undefined && after !== undefined && worded++ < MOST_WORDED;
      const [was, is] = piecesOf(before, after, isWorded);
      rows.push({
        kind: 'changed',
        before: before === undefined ? null : { number: left + index, pieces: was },
        after: after === undefined ? null : { number: right + index, pieces: is },
      });
    }
  };
  let left = 1;
  let right = 1;
  let gone: readonly string[] = [];
  for (const { value, added, removed } of changes) {
    const lines = linesOf(value);
    if (removed) {
      gone = lines;
      continue;
    }
    if (!added) {
      pushChanged(gone, [], left, right);
      left += gone.length;
      for (const line of lines) {
        const pieces = [{ text: withoutEnd(line), isChanged: false }];
        rows.push({ kind: 'same', before: { number: left++, pieces }, after: { number: right++, pieces } });
      }
    } else {
      pushChanged(gone, lines, left, right);
      left += gone.length;
      right += lines.length;
    }
    gone = [];
  }
  pushChanged(gone, [], left, right);
  const folded = fold(rows);
  return { kind: 'rows', rows: folded.slice(0, MOST_ROWS), isCut: folded.length > MOST_ROWS };
}

/** Each with what ends it. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/gu) ?? [];
}

function withoutEnd(line: string): string {
  return line.replace(/\r?\n$/u, '');
}

function piecesOf(
  before: string | undefined,
  after: string | undefined,
  isWorded: boolean,
): readonly [was: readonly DiffPiece[], is: readonly DiffPiece[]] {
  const whole = (line = ''): DiffPiece[] => [{ text: withoutEnd(line), isChanged: true }];
  if (before === undefined || after === undefined) return [whole(before), whole(after)];
  const was = withoutEnd(before);
  const is = withoutEnd(after);
  // Only what ends the line differs: it has no picture of its own.
  if (was === is)
    return [
      [{ text: was, isChanged: false }, ...endOf(before)],
      [{ text: is, isChanged: false }, ...endOf(after)],
    ];
  if (!isWorded || was.length > LONGEST_LINE || is.length > LONGEST_LINE) return [whole(before), whole(after)];
  const words = diffWordsWithSpace(was, is);
  const side = (isOther: (change: (typeof words)[number]) => boolean): DiffPiece[] =>
    words
      .filter((change) => !isOther(change))
      .map(({ value, added, removed }) => ({ text: value, isChanged: added || removed }));
  return [side(({ added }) => added), side(({ removed }) => removed)];
}

function endOf(line: string): DiffPiece[] {
  const text = line.endsWith('\r\n') ? '␍␊' : line.endsWith('\n') ? '␊' : '';
  return text === '' ? [] : [{ text, isChanged: true }];
}

/** Leaves out what is the same, but for a few lines around what is not. */
function fold(rows: readonly DiffRow[]): readonly DiffRow[] {
  const isNear = new Array<boolean>(rows.length).fill(false);
  rows.forEach(({ kind }, index) => {
    if (kind === 'changed') isNear.fill(true, Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1);
  });
  const folded: DiffRow[] = [];
  let count = 0;
  const endRun = (): void => {
    if (count > 0) folded.push({ kind: 'skipped', count });
    count = 0;
  };
  rows.forEach((row, index) => {
    if (isNear[index] !== true) return void (count += 1);
    endRun();
    folded.push(row);
  });
  endRun();
  return folded;
}
