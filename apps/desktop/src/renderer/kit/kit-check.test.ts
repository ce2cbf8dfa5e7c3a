import { expect, test } from 'vitest';
import { isKeyEnd, isWord, questionOf } from './kit-check.ts';

const kit = {
  server: 'https://files.example.org',
  email: 'ana@example.org',
  account: '0'.repeat(32),
  secretKey: 'OF1-00000-11111-22222-33333-44444-5501A',
  text: '',
  phrase: Array.from({ length: 24 }, (_, index) => `word${index + 1}`).join(' '),
};

test('the end of the key is known in any writing of it, and nothing else is', () => {
  for (const right of ['5501A', ' 5501a', '55o1a', '550IA', '55-0la'])
    expect([right, isKeyEnd(kit, right)]).toEqual([right, true]);
  for (const wrong of ['', '5501', 'A5501', '45501A', '5501B'])
    expect([wrong, isKeyEnd(kit, wrong)]).toEqual([wrong, false]);
});

test('the word that is asked for is one of the phrase, and only it is right', () => {
  const { word } = questionOf(kit);
  if (word === null) throw new Error('there is a phrase');
  expect(word).toBeGreaterThanOrEqual(1);
  expect(word).toBeLessThanOrEqual(24);
  expect(isWord(kit, word, ` WORD${word} `)).toBe(true);
  expect(isWord(kit, word, `word${(word % 24) + 1}`)).toBe(false);
  expect(questionOf({ ...kit, phrase: null })).toEqual({ word: null });
});
