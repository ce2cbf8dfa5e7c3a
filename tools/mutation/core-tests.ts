import { globSync } from 'node:fs';

/** The tests that mutants of core are held to, from the folder of a checkout. */
export function testsOfCore(root: string): string[] {
  return globSync('packages/engine/src/core/**/*.test.ts', { cwd: root }).sort();
}
