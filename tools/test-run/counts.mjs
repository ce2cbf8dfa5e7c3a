// Counts tests from the reports that the runners write, never from what they print.
import { readFileSync } from 'node:fs';

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/** @type {Readonly<Counts>} */
export const NONE = Object.freeze({ passed: 0, failed: 0, skipped: 0 });

/**
 * @param {Counts} a
 * @param {Counts} b
 * @returns {Counts}
 */
export function add(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/**
 * @param {'vitest' | 'playwright'} runner
 * @param {unknown} report the runner's JSON report
 * @returns {Counts} throws when the report has not the form that this runner's reports have
 */
export function countsIn(runner, report) {
  const numbers = /** @type {any} */ (report);
  const counts =
    runner === 'vitest'
      ? {
          passed: numbers.numPassedTests,
          failed: numbers.numFailedTests,
          skipped: numbers.numPendingTests + numbers.numTodoTests,
        }
      : {
          // A test that passed only when tried again has failed.
          passed: numbers.stats.expected,
          failed: numbers.stats.unexpected + numbers.stats.flaky,
          skipped: numbers.stats.skipped,
        };
  if (!Object.values(counts).every(Number.isSafeInteger)) throw new Error(`not a report of ${runner}`);
  return counts;
}

/**
 * What a runner's end amounts to. A runner that failed has failed tests, whatever its report says: a file that does not
 * load has none to count.
 * @param {'vitest' | 'playwright'} runner
 * @param {string} reportPath
 * @param {boolean} hasSucceeded whether the runner ended with exit code 0
 * @returns {Counts}
 */
export function countsOfRun(runner, reportPath, hasSucceeded) {
  let counts;
  try {
    counts = countsIn(runner, JSON.parse(readFileSync(reportPath, 'utf8')));
  } catch {
    return { ...NONE, failed: 1 };
  }
  return !hasSucceeded && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}
