import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { startPlanted } from './planted-pool.ts';
import { seedsUpTo } from './planted-report.ts';
import { PLANTED_BUGS, WITHIN } from './planted.ts';

/** Seeds that caught each bug when `npm run sim -- --planted` was last run: tried first. */
const FOUND = JSON.parse(readFileSync(new URL('planted-found.json', import.meta.url), 'utf8')) as Record<
  string,
  number
>;

const planted = startPlanted();
afterAll(() => planted.end());

test.each(PLANTED_BUGS.map(({ name }, bug) => ({ name, bug })))(
  `caught within ${WITHIN} seeds: $name`,
  async ({ name, bug }) => {
    const known = FOUND[name];
    const seeds = seedsUpTo(WITHIN);
    const { caught } = await planted.look({ bug, seeds: known === undefined ? seeds : [`${known}`, ...seeds] });
    expect(caught).not.toBeNull();
  },
);
