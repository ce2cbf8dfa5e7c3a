/* A setup file of vitest: every property is tried ONEFOLD_PROPERTY_RUNS times as often as its test says. `npm run properties` sets it. */
import type * as fastCheck from 'fast-check';
import { vi } from 'vitest';
import { scaledAssert } from './scaled-assert.ts';

vi.mock('fast-check', async (load) => {
  const real = await load<typeof fastCheck>();
  const assert = scaledAssert(real.assert, Number(process.env['ONEFOLD_PROPERTY_RUNS'] ?? 1));
  return { ...real, assert, default: { ...real.default, assert } };
});
