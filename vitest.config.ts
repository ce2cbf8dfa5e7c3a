import { defineConfig } from 'vitest/config';

// A test's file name decides its tier; CONTRIBUTING.md has the table. `npm test` runs them in this order.
const KINDS = ['check', 'contract', 'sim', 'crash', 'packaging'] as const;
const ROOTS = '{packages,apps,tools,bench,e2e}';
const DEBS = 'tools/debs/*.packaging.test.ts';
const IGNORED = ['**/node_modules/**', '**/dist/**', '**/out/**'];

/** How long a test waits for what should come, unless it says so itself. vi.waitFor is given the same at each place. */
const PATIENCE_MS = 15_000;

/** How many times as often as its test says a property is tried (`npm run properties`). */
const PROPERTY_RUNS = Number(process.env['ONEFOLD_PROPERTY_RUNS'] ?? 1);

/** @param kind the part of the file name before `.test.ts` */
function tier(name: string, kind: string, limits: { testTimeout: number; isParallel: boolean }) {
  return {
    extends: true as const,
    test: {
      name,
      include: [`${ROOTS}/**/*.${kind}.test.{ts,tsx}`],
      exclude: IGNORED,
      testTimeout: limits.testTimeout,
      hookTimeout: limits.testTimeout,
      fileParallelism: limits.isParallel,
    },
  };
}

function packaging(name: string, include: string, exclude: readonly string[]) {
  const one = tier(name, 'packaging', { testTimeout: 900_000, isParallel: false });
  return { ...one, test: { ...one.test, include: [include], exclude: [...IGNORED, ...exclude] } };
}

export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    passWithNoTests: false,
    restoreMocks: true,
    // What is waited for comes when a loaded machine lets it: the runner's own second is no patience.
    expect: { poll: { timeout: PATIENCE_MS } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [`${ROOTS}/**/*.test.{ts,tsx}`],
          exclude: [...IGNORED, ...KINDS.map((kind) => `**/*.${kind}.test.{ts,tsx}`)],
          setupFiles: PROPERTY_RUNS === 1 ? [] : ['tools/properties/run-longer.ts'],
          testTimeout: 20_000 * PROPERTY_RUNS,
          hookTimeout: 20_000,
        },
      },
      // Rules that know types read all sources first: half a minute beside the other steps of the tier, and more on a slow machine.
      tier('check', 'check', { testTimeout: 180_000, isParallel: true }),
      tier('contract', 'contract', { testTimeout: 60_000, isParallel: true }),
      tier('simulation', 'sim', { testTimeout: 300_000, isParallel: true }),
      // Its files mostly wait for engines, faults and deadlines: two at a time fill the machine, and none asserts how long anything took.
      tier('crash', 'crash', { testTimeout: 900_000, isParallel: true }),
      packaging('packaging', `${ROOTS}/**/*.packaging.test.ts`, [DEBS]),
      // Of the packaging tier, too, as a project of its own: it can run beside the others, which build into one folder.
      packaging('debs', DEBS, []),
    ],
  },
});
