import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineChanges } from './line-changes.ts';
import { diffTexts as diffOf } from './text-diff.ts';
import type { DiffLine, TextDiff } from './text-diff.ts';

async function diffTexts(before: string, after: string): Promise<TextDiff> {
  return diffOf(before, after, await lineChanges(before, after));
}

const words = (line: DiffLine | null, isMarked = false): string | null =>
  line === null
    ? null
    : line.pieces.map(({ text, isChanged }) => (isChanged && isMarked ? `[${text}]` : text)).join('');

function shown(diff: TextDiff): unknown {
  if (diff.kind !== 'rows') return diff.kind;
  return diff.rows.map((row) =>
    row.kind === 'skipped' ? row.count : [row.kind, words(row.before, true), words(row.after, true)],
  );
}

test('a changed word is marked in its line, a new line stands alone', async () => {
  expect(
    shown(await diffTexts('free from May on\nbring plants\n', 'free from June on\nbring plants\nand the key\n')),
  ).toEqual([
    ['changed', 'free from [May] on', 'free from [June] on'],
    ['same', 'bring plants', 'bring plants'],
    ['changed', null, '[and the key]'],
  ]);
});

test('what is the same far from any change is left out and counted', async () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
  const after = lines.with(9, 'another');
  expect(shown(await diffTexts(lines.join('\n'), after.join('\n')))).toEqual([
    6,
    ...['line 7', 'line 8', 'line 9'].map((line) => ['same', line, line]),
    ['changed', '[line 10]', '[another]'],
    ...['line 11', 'line 12', 'line 13'].map((line) => ['same', line, line]),
    7,
  ]);
});

test('a change of nothing but line ends can be seen', async () => {
  expect(shown(await diffTexts('a\r\nb', 'a\nb\n'))).toEqual([
    ['changed', 'a[␍␊]', 'a[␊]'],
    ['changed', 'b', 'b[␊]'],
  ]);
});

test('texts with too little in common are not compared', async () => {
  const text = (letter: string): string => Array.from({ length: 300 }, (_, index) => `${letter}${index}`).join('\n');
  expect(await lineChanges(text('a'), text('b'), { atOnceMs: -1, longestMs: -1 })).toBeNull();
  expect(diffOf('a', 'b', null).kind).toBe('too-different');
  expect((await diffTexts('a', 'a')).kind).toBe('same');
});

test('of a text that changed all over only the first lines are told word by word', () => {
  const text = (word: string): string => Array.from({ length: 500 }, (_, index) => `${index} is ${word}\n`).join('');
  const diff = diffOf(text('old'), text('new'), [
    { value: text('old'), added: false, removed: true },
    { value: text('new'), added: true, removed: false },
  ]);
  if (diff.kind !== 'rows') throw new Error(diff.kind);
  const pieces = diff.rows.map((row) => (row.kind === 'skipped' ? 0 : (row.before?.pieces.length ?? 0)));
  expect(pieces.filter((count) => count > 1)).toHaveLength(300);
  expect(pieces.slice(300).every((count) => count === 1)).toBe(true);
});

test('texts that take long to compare are compared in steps, and others have their turn in between', async () => {
  const lines = (every: number): string =>
    Array.from({ length: 600 }, (_, index) =>
      index % every === 0 ? `changed ${index} ${every}` : `line ${index}`,
    ).join('\n');
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const changes = await lineChanges(lines(11), lines(13), { atOnceMs: -1, longestMs: Infinity });
  clearInterval(timer);
  expect(changes?.map(({ value, added }) => (added ? '' : value)).join('')).toBe(lines(11));
  expect(turns).toBeGreaterThan(10);
});

test('each side shows its own lines in order, none twice, with the numbers they have', async () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'b c', '', 'c d e', '가 나'), { maxLength: 12 })
    .map((lines) => lines.join('\n'));
  await fc.assert(
    fc.asyncProperty(text, text, async (before, after) => {
      const diff = await diffTexts(before, after);
      if (diff.kind !== 'rows') {
        expect(before).toBe(after);
        return;
      }
      for (const [side, whole] of [
        ['before', before],
        ['after', after],
      ] as const) {
        const lines = whole.split('\n');
        let next = 1;
        for (const row of diff.rows) {
          if (row.kind === 'skipped') next += row.count;
          const line = row.kind === 'skipped' ? null : row[side];
          if (line === null) continue;
          expect(line.number).toBe(next++);
          expect(words(line)?.replace(/[␍␊]+$/u, '')).toBe(lines[line.number - 1]);
        }
        // What follows the last line end is no line when nothing stands there.
        expect(next - 1).toBe(whole === '' ? 0 : whole.endsWith('\n') ? lines.length - 1 : lines.length);
      }
    }),
  );
});
