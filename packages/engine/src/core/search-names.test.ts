import { expect, test } from 'vitest';
import { searchKey, matchRank, searchWords } from './search-names.ts';

test('however a name is typed, it is found', () => {
  expect(searchKey('Résumé.PDF')).toBe('resume.pdf');
  expect(searchKey('한글 문서.HWP'.normalize('NFD'))).toBe('한글 문서.hwp');
  expect(searchKey('ＡＢＣ')).toBe('abc');
  expect(searchWords('  Tax  2026 tax ')).toEqual(['tax', '2026']);
  expect(searchWords(' ')).toEqual([]);
  expect(searchWords('a b c d e f g h i')).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
});

test('the whole name comes before its beginning, that before a word, and that before anywhere', () => {
  const ranks = ['plan.md', 'planet.md', 'my-plan.md', 'explanation.md'].map((name) => matchRank(name, ['plan']));
  expect(ranks).toEqual([0, 1, 2, 3]);
});

test('only a single word can be the whole name', () => {
  expect([matchRank('plan', ['plan']), matchRank('plan.md', ['plan', 'md']), matchRank('plan', [])]).toEqual([0, 1, 1]);
});
