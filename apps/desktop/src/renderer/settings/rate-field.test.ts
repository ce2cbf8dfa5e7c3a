import { expect, test } from 'vitest';
import { readRate } from './rate-field.tsx';

test('a limit is read as it is written here or there, and nothing that no line could hold', () => {
  expect(['', ' ', '2', '2.5', '2,5', '0.04'].map(readRate)).toEqual([null, null, 2e6, 2.5e6, 2.5e6, 40_000]);
  for (const wrong of ['0', '0.01', '-1', 'fast', '1e300', 'NaN'])
    expect([wrong, readRate(wrong)]).toEqual([wrong, undefined]);
});
