import { expect, test } from 'vitest';
import { searchKey, matchRank, searchWords } from './search-names.ts';

test('however a name is typed, it is found', () => {
  expect(searchKey('Résumé.PDF')).toBe('resume.pdf');
  expect(searchKey('한글 문서.HWP'.normalize('NFD'))).toBe('한글 문서.hwp');
  expect(searchKey('ＡＢＣ')).toBe('abc');
  expect(searchWords('  Tax  2026 tax ')).toEqual(['tax', '2026']);
  expect(searchWords(' ')).toEqual([]);
});

test('the whole name comes before its beginning, that before a word, and that before anywhere', () => {
  const ranks = ['plan.md', 'planet.md', 'my-plan.md', 'explanation.md'].map((name) => matchRank(name, ['plan']));
  expect(ranks).toEqual([0, 1, 2, 3]);
});
