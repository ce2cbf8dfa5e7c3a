// Names the tests that failed, from the reports that the runners write: the end of a long log is often all one has of it.
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** How many lines of a failure's message are told. */
const MESSAGE_LINES = 12;

/**
 * @typedef {object} Failure
 * @property {string} name the file, and the test's title with those of its suites
 * @property {string} message the first lines of what it said, without colours; may be empty
 */

/**
 * @param {'vitest' | 'playwright'} runner
 * @param {string} reportPath the runner's JSON report
 * @param {string} root the checkout, which names are told below
 * @returns {Failure[]} none when there is no report that can be read
 */
export function failuresOfRun(runner, reportPath, root) {
  try {
    const report = JSON.parse(readFileSync(reportPath, 'utf8'));
    return (runner === 'vitest' ? vitestFailures(report) : playwrightFailures(report)).map(({ name, message }) => ({
      name: name.replace(`${root.replace(/\/$/u, '')}/`, ''),
      message: firstLines(message),
    }));
  } catch {
    return [];
  }
}

/**
 * @param {any} report
 * @returns {Failure[]}
 */
function vitestFailures(report) {
  return report.testResults.flatMap((/** @type {any} */ file) => {
    const failed = file.assertionResults.filter((/** @type {any} */ test) => test.status === 'failed');
    // A file that does not load, or fails outside of its tests, has no test that failed.
    if (failed.length === 0) return file.status === 'failed' ? [{ name: file.name, message: file.message }] : [];
    return failed.map((/** @type {any} */ test) => ({
      name: `${file.name} > ${test.fullName}`,
      message: test.failureMessages.join('\n'),
    }));
  });
}

/**
 * @param {any} report
 * @returns {Failure[]}
 */
function playwrightFailures(report) {
  const outside = report.errors.map((/** @type {any} */ error) => ({
    name: 'outside of the specs',
    message: error.message,
  }));
  return [...outside, ...report.suites.flatMap((/** @type {any} */ suite) => suiteFailures(suite, ''))];
}

/**
 * @param {any} suite of Playwright; suites lie within each other
 * @param {string} above the titles of those it lies in
 * @returns {Failure[]}
 */
function suiteFailures(suite, above) {
  const path = `${above}${suite.title} > `;
  const own = suite.specs.flatMap((/** @type {any} */ spec) =>
    spec.tests
      .filter((/** @type {any} */ test) => test.status === 'unexpected' || test.status === 'flaky')
      .map((/** @type {any} */ test) => ({
        name: `${path}${spec.title}`,
        message: test.results
          .flatMap((/** @type {any} */ result) => result.errors.map((/** @type {any} */ error) => error.message))
          .join('\n'),
      })),
  );
  return [...own, ...(suite.suites ?? []).flatMap((/** @type {any} */ inner) => suiteFailures(inner, path))];
}

/**
 * @param {unknown} message
 * @returns {string}
 */
function firstLines(message) {
  return stripVTControlCharacters(String(message ?? ''))
    .split('\n')
    .slice(0, MESSAGE_LINES)
    .join('\n')
    .trimEnd();
}
