import type { IRawProperty, Parameters } from 'fast-check';

/** What fast-check runs where a test does not say how often. */
const DEFAULT_RUNS = 100;

/** As much of `fc.assert` as is changed here. */
type Assert = (property: IRawProperty<unknown>, parameters?: Parameters<unknown>) => unknown;

/** `fc.assert` with `times` as many runs as its test asks for. */
export function scaledAssert(assert: Assert, times: number): Assert {
  return (property, parameters = {}) =>
    assert(property, { ...parameters, numRuns: (parameters.numRuns ?? DEFAULT_RUNS) * times });
}
