import { expect, test } from 'vitest';
import { compareProtocol, formatProtocolRange } from './protocol-range.ts';

test.each([
  ['1-1', 'common'],
  ['1-9', 'common'],
  ['2-3', 'peer-newer'],
  ['0-0', 'peer-older'],
  [undefined, 'common'],
  ['', 'common'],
  ['one-two', 'common'],
  ['1-1, 1-1', 'common'],
] as const)('a peer that says %s: %s', (header, verdict) => {
  expect(compareProtocol(header, { oldest: 1, newest: 1 })).toBe(verdict);
});

test('what is written is read back, at both ends of the range', () => {
  const range = { oldest: 3, newest: 5 };
  const header = formatProtocolRange(range);
  expect(compareProtocol(header, { oldest: 5, newest: 8 })).toBe('common');
  expect(compareProtocol(header, { oldest: 6, newest: 8 })).toBe('peer-older');
  expect(compareProtocol(header, { oldest: 1, newest: 2 })).toBe('peer-newer');
});
