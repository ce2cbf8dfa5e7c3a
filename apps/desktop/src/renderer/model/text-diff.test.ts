import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffTexts } from './text-diff.ts';
import type { DiffLine, TextDiff } from './text-diff.ts';

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

test('a changed word is marked in its line, a new line stands alone', () => {
  expect(
    shown(diffTexts('free from May on\nbring plants\n', 'free from June on\nbring plants\nand the key\n')),
  ).toEqual([
    ['changed', 'free from [May] on', 'free from [June] on'],
    ['same', 'bring plants', 'bring plants'],
    ['changed', null, '[and the key]'],
  ]);
});

test('what is the same far from any change is left out and counted', () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
  const after = lines.with(9, 'another');
  expect(shown(diffTexts(lines.join('\n'), after.join('\n')))).toEqual([
    6,
    ...['line 7', 'line 8', 'line 9'].map((line) => ['same', line, line]),
    ['changed', '[line 10]', '[another]'],
    ...['line 11', 'line 12', 'line 13'].map((line) => ['same', line, line]),
    7,
  ]);
});

test('a change of nothing but line ends can be seen', () => {
  expect(shown(diffTexts('a\r\nb', 'a\nb\n'))).toEqual([
    ['changed', 'a[␍␊]', 'a[␊]'],
    ['changed', 'b', 'b[␊]'],
  ]);
});

test('texts with too little in common are not compared', () => {
  const text = (letter: string): string => Array.from({ length: 3000 }, (_, index) => `${letter}${index}`).join('\n');
  expect(diffTexts(text('a'), text('b')).kind).toBe('too-different');
  expect(diffTexts('a', 'a').kind).toBe('same');
});

test('each side shows its own lines in order, none twice, with the numbers they have', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'b c', '', 'c d e', '가 나'), { maxLength: 12 })
    .map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = diffTexts(before, after);
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
