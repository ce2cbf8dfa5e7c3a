import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { scaledAssert } from './scaled-assert.ts';

const property: fc.IRawProperty<unknown> = fc.property(fc.nat(), () => true);

/** `fc.check` tells what `fc.assert` throws or keeps to itself. */
function runsOf(times: number, parameters?: fc.Parameters<unknown>): number {
  const check = scaledAssert((one, its) => fc.check(one, its), times);
  return (check(property, parameters) as fc.RunDetails<unknown>).numRuns;
}

test('a property is tried so many times as often as its test says, or fast-check where it says nothing', () => {
  expect(runsOf(1, { numRuns: 7 })).toBe(7);
  expect(runsOf(3, { numRuns: 7 })).toBe(21);
  expect(runsOf(2)).toBe(200);
});
