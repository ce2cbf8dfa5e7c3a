// The tiers in the order they run: cheap and telling first. CONTRIBUTING.md says what each is for.

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} script a JavaScript file below node_modules or the checkout, run by the product's Node
 * @property {readonly string[]} args
 * @property {'exit-code' | 'vitest' | 'playwright'} counts where the number of tests comes from; a step judged by its exit code is one
 *
 * @typedef {object} Tier
 * @property {string} name
 * @property {number} limitMinutes
 * @property {readonly (keyof typeof import('./system-packages.mjs').SYSTEM_PACKAGES)[]} needs
 * @property {readonly (keyof typeof import('./system-packages.mjs').SYSTEM_PACKAGES)[]} [helpedBy] what it runs faster with, and as well without
 * @property {number} [stepsAtOnce] default: one. Of several each is told when it has ended, as a whole
 * @property {readonly Step[]} steps in the order in which they begin
 */

/**
 * @param {string} name a project of vitest.config.ts
 * @param {...string} more further arguments
 * @returns {Step}
 */
function vitest(name, ...more) {
  return {
    name: `vitest ${name}`,
    script: 'node_modules/vitest/vitest.mjs',
    // A test.only that was committed would silence the others.
    args: ['run', '--project', name, '--allowOnly=false', ...more],
    counts: 'vitest',
  };
}

/**
 * @param {string} name
 * @param {string} script
 * @param {readonly string[]} args
 * @returns {Step}
 */
function exitCode(name, script, ...args) {
  return { name, script, args, counts: 'exit-code' };
}

/**
 * @param {string} name
 * @param {string} config
 * @returns {Step}
 */
function playwright(name, config) {
  return {
    name: `playwright ${name}`,
    script: 'node_modules/@playwright/test/cli.js',
    args: ['test', '--config', config],
    counts: 'playwright',
  };
}

/** @type {readonly Tier[]} */
export const TIERS = [
  {
    name: 'check',
    limitMinutes: 10,
    needs: [],
    // Each of them works with one processor for most of its time.
    stepsAtOnce: 2,
    steps: [
      exitCode('types', 'node_modules/typescript/bin/tsc', '-b', '--force', 'tsconfig.json'),
      exitCode('lint', 'node_modules/eslint/bin/eslint.js', '.', '--max-warnings=0'),
      exitCode('format', 'node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'),
      exitCode(
        'layers',
        'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
        '--config',
        '.dependency-cruiser.cjs',
        ...['packages', 'apps', 'tools', 'bench', 'e2e'],
      ),
      vitest('check'),
    ],
  },
  // The longest files of these wait for daemons, engines and faults about half of the time: three at once fill two cores.
  { name: 'unit', limitMinutes: 15, needs: [], steps: [vitest('unit', '--maxWorkers=3')] },
  {
    name: 'contract',
    limitMinutes: 15,
    needs: ['postgresql', 'redis', 'ceph', 'pgbouncer'],
    steps: [vitest('contract', '--maxWorkers=3')],
  },
  { name: 'simulation', limitMinutes: 15, needs: [], steps: [vitest('simulation')] },
  {
    name: 'crash',
    limitMinutes: 30,
    needs: ['postgresql', 'redis', 'haproxy', 'nginx', 'ceph', 'strace'],
    steps: [vitest('crash')],
  },
  {
    name: 'e2e',
    // Twice what it takes, on a slow machine too: it ends what hangs.
    limitMinutes: 25,
    needs: ['chromium'],
    helpedBy: ['headless-shell'],
    steps: [
      playwright('the page', 'apps/desktop/playwright.config.ts'),
      playwright('the whole product', 'e2e/playwright.config.ts'),
    ],
  },
  {
    name: 'packaging',
    limitMinutes: 20,
    needs: ['shells', 'systemd'],
    // The machine that packages are installed on waits for itself half of the time. The others build into one folder: one after the other.
    stepsAtOnce: 2,
    steps: [vitest('debs'), vitest('packaging')],
  },
];
