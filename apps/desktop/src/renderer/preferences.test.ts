import { expect, test } from 'vitest';
import { languageOf, readPreferences, themeOf } from './preferences.ts';

const SYSTEM = { theme: 'system', language: 'system' };

test('what was stored is taken as far as it makes sense', () => {
  expect(readPreferences('{"theme":"dark","language":"ko"}')).toEqual({ theme: 'dark', language: 'ko' });
  expect(readPreferences('{"theme":"pink","language":"ko"}')).toEqual({ theme: 'system', language: 'ko' });
  for (const text of [null, '', 'null', '7', '[]', '{', '"dark"']) expect(readPreferences(text)).toEqual(SYSTEM);
});

test('the system decides until somebody chose', () => {
  expect(themeOf({ theme: 'system', language: 'system' }, true)).toBe('dark');
  expect(themeOf({ theme: 'light', language: 'system' }, true)).toBe('light');
  expect(languageOf({ theme: 'system', language: 'system' }, ['ko-KR'])).toBe('ko');
  expect(languageOf({ theme: 'system', language: 'en' }, ['ko-KR'])).toBe('en');
});
