/* fast-check for mutation runs: the same values for every mutant, not too many of them, and the first failure is enough. */
import * as real from 'fast-check';

const MOST_RUNS = Number(process.env['MUTATION_RUNS'] ?? 60);

function assert(property: real.IRawProperty<unknown>, parameters: real.Parameters<unknown> = {}): unknown {
  const numRuns = Math.min(parameters.numRuns ?? 100, MOST_RUNS);
  return real.assert(property, { ...parameters, numRuns, seed: 7, endOnFailure: true });
}

// eslint-disable-next-line no-restricted-syntax -- as fast-check itself has it
export default { ...real, assert };
