// `npm test`: installs what is missing, runs the tiers, counts. Plain JavaScript: this runs on Node 20 in a fresh clone.
//
//   npm test                              every tier this machine can run
//   npm test -- --tier unit,e2e           some
//   ONEFOLD_REQUIRE_ALL_TIERS=1 npm test  a tier that cannot run is a failure (as in .ci/run)
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findPackagedNode, REQUIRED_NODE, runsHere } from '../packages/launcher/src/launch.mjs';
import { installIfNeeded } from './install.mjs';
import { add, countsOfRun, NONE } from './test-run/counts.mjs';
import { failuresOfRun } from './test-run/failures.mjs';
import { endAll, runCommand } from './test-run/run-command.mjs';
import { howToInstall, installPackages, missingPackages } from './test-run/system-packages.mjs';
import { TIERS } from './test-run/tiers.mjs';

/**
 * @typedef {import('./test-run/tiers.mjs').Tier} Tier
 * @typedef {import('./test-run/tiers.mjs').Step} Step
 * @typedef {import('./test-run/counts.mjs').Counts} Counts
 * @typedef {import('./test-run/failures.mjs').Failure} Failure
 * @typedef {{ name: string, state: 'passed' | 'failed' | 'not run', counts: Readonly<Counts>, seconds: number, remarks: string[],
 *   failures: Failure[] }} Result
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const requiresAll = process.env['ONEFOLD_REQUIRE_ALL_TIERS'] === '1';
let isInterrupted = false;

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

/** @returns {readonly Tier[]} */
function chosenTiers() {
  const { values } = parseArgs({ options: { tier: { type: 'string' } } });
  if (values.tier === undefined) return TIERS;
  const names = values.tier.split(',');
  const unknown = names.filter((name) => !TIERS.some((tier) => tier.name === name));
  if (unknown.length > 0) {
    throw new Error(`no tier ${unknown.join(', ')}; there are ${TIERS.map((tier) => tier.name).join(', ')}`);
  }
  return TIERS.filter((tier) => names.includes(tier.name));
}

/** @returns {string} the Node that runs the tests */
function productNode() {
  const packaged = findPackagedNode(new URL(import.meta.url));
  if (packaged !== undefined) return packaged;
  if (runsHere(new URL('test.ts', import.meta.url))) return process.execPath;
  throw new Error(`the tests need Node.js ${REQUIRED_NODE} or later; this is ${process.version}`);
}

/**
 * @param {Tier} tier
 * @param {string} node
 * @param {string} reports a folder for the runners' reports
 * @returns {Promise<Result>}
 */
async function runTier(tier, node, reports) {
  const startedMs = performance.now();
  const deadlineMs = startedMs + tier.limitMinutes * 60_000;
  /** @type {string[]} */
  const remarks = [];
  /** @type {Failure[]} */
  const failures = [];
  /** @type {Readonly<Counts>} */
  let counts = NONE;
  const queue = tier.steps.entries();
  const takeSteps = async () => {
    for (const [index, step] of queue) {
      if (isInterrupted) break;
      const report = join(reports, `${tier.name}-${index}.json`);
      const outcome = await runStep(step, {
        node,
        report,
        isAlone: (tier.stepsAtOnce ?? 1) === 1,
        name: tier.name,
        deadlineMs,
      });
      if (outcome.problem !== undefined) remarks.push(`${step.name} ${outcome.problem}`);
      const ofStep = stepCounts(step, report, outcome.hasSucceeded);
      counts = add(counts, ofStep);
      if (ofStep.failed > 0) failures.push(...stepFailures(step, report));
    }
  };
  await Promise.all(Array.from({ length: tier.stepsAtOnce ?? 1 }, takeSteps));
  if (counts.passed + counts.failed === 0) remarks.push('ran no test');
  return {
    name: tier.name,
    state: counts.failed === 0 && counts.passed > 0 && !isInterrupted ? 'passed' : 'failed',
    counts,
    seconds: (performance.now() - startedMs) / 1000,
    remarks,
    failures,
  };
}

/**
 * @param {Step} step
 * @param {{ node: string, report: string, isAlone: boolean, name: string, deadlineMs: number }} options `isAlone`: nothing runs beside it, so that
 *   what it says can be seen as it says it
 * @returns {Promise<import('./test-run/run-command.mjs').Outcome>}
 */
async function runStep(step, { node, report, isAlone, name, deadlineMs }) {
  const said = `${report}.log`;
  const output = isAlone ? undefined : openSync(said, 'w');
  if (isAlone) say(`\n== ${name}: ${step.name}`);
  const outcome = await runCommand(node, [join(root, step.script), ...step.args, ...reportArgs(step, report)], {
    cwd: root,
    env: {
      ...process.env,
      PATH: [dirname(node), join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter),
      PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    },
    limitMs: Math.max(1000, deadlineMs - performance.now()),
    ...(output === undefined ? {} : { output }),
  });
  if (output !== undefined) {
    closeSync(output);
    say(`\n== ${name}: ${step.name}\n${readFileSync(said, 'utf8')}`);
  }
  return outcome;
}

/**
 * @param {Step} step
 * @param {string} report
 * @returns {string[]}
 */
function reportArgs(step, report) {
  if (step.counts === 'vitest') return ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return step.counts === 'playwright' ? ['--reporter=list,json'] : [];
}

/**
 * @param {Step} step
 * @param {string} report
 * @param {boolean} hasSucceeded
 * @returns {Counts}
 */
function stepCounts(step, report, hasSucceeded) {
  if (step.counts !== 'exit-code') return countsOfRun(step.counts, report, hasSucceeded);
  return { ...NONE, passed: hasSucceeded ? 1 : 0, failed: hasSucceeded ? 0 : 1 };
}

/**
 * @param {Step} step that failed
 * @param {string} report
 * @returns {Failure[]} at least one
 */
function stepFailures(step, report) {
  const failures = step.counts === 'exit-code' ? [] : failuresOfRun(step.counts, report, root);
  return failures.length > 0 ? failures : [{ name: step.name, message: '' }];
}

/** @param {readonly Result[]} results */
function printSummary(results) {
  for (const { name, failures } of results) {
    for (const failure of failures) say(`\nFAILED in ${name}: ${failure.name}\n${failure.message}`);
  }
  say('\ntier         result    passed  failed  skipped  seconds');
  for (const { name, state, counts, seconds, remarks } of results) {
    const numbers = [
      String(counts.passed).padStart(6),
      String(counts.failed).padStart(7),
      String(counts.skipped).padStart(8),
      seconds.toFixed(1).padStart(8),
    ].join(' ');
    say(`${name.padEnd(12)} ${state.padEnd(8)} ${numbers}${remarks.length > 0 ? `   ${remarks.join('; ')}` : ''}`);
  }
  const total = results.reduce((sum, { counts }) => add(sum, counts), NONE);
  say(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
}

/** @returns {Promise<boolean>} */
async function main() {
  const tiers = chosenTiers();
  if (!installIfNeeded(root, (line) => say(`onefold: ${line}`))) return false;
  const node = productNode();
  // One after the other: a Debian that does not have what only helps still gets what is needed.
  for (const names of [tiers.flatMap(({ needs }) => needs), tiers.flatMap(({ helpedBy = [] }) => helpedBy)]) {
    installPackages(missingPackages(names), (line) => say(`onefold: ${line}`));
  }
  const builder = join(root, 'tools', 'build-renderer.mjs');
  // A page that does not build fails the tests that open it; the other tiers run all the same.
  await runCommand(node, [builder], { cwd: root, env: process.env, limitMs: 300_000 });

  const reports = mkdtempSync(join(tmpdir(), 'onefold-test-'));
  /** @type {Result[]} */
  const results = [];
  for (const tier of tiers) {
    if (isInterrupted) break;
    const missing = missingPackages(tier.needs);
    if (missing.length === 0) {
      results.push(await runTier(tier, node, reports));
      continue;
    }
    const remark = `needs ${missing.join(', ')}; to enable it: ${howToInstall(missing)}`;
    say(`\n!! TIER NOT RUN: ${tier.name} ${remark}`);
    results.push({ name: tier.name, state: 'not run', counts: NONE, seconds: 0, remarks: [remark], failures: [] });
  }
  rmSync(reports, { recursive: true, force: true });
  printSummary(results);
  if (isInterrupted) return false;
  return results.every(({ state }) => state === 'passed' || (state === 'not run' && !requiresAll));
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    isInterrupted = true;
    endAll(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  });
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`onefold: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
