import { expect, test } from 'vitest';
import { changeOf } from '../setting-values.ts';
import { parseValue } from './settings.ts';

test.each([
  ['500 kB', 500_000],
  ['1.5MB', 1_500_000],
  ['null', null],
  ['true', true],
  ['65536', 65_536],
  ['pause', 'pause'],
  ['http://proxy:3128', 'http://proxy:3128'],
  ['[{"days":["mon"]}]', [{ days: ['mon'] }]],
])('the word %s is read as people mean it', (text, value) => {
  expect(parseValue(text)).toEqual(value);
});

test('a name says where a value goes', () => {
  expect(changeOf('bandwidth.upBytesPerSecond', 500_000)).toEqual({ bandwidth: { upBytesPerSecond: 500_000 } });
  expect(changeOf('language', 'ko')).toEqual({ language: 'ko' });
  expect(() => changeOf('a.b.c', 1)).toThrow('no such setting');
});
