import { readFileSync, writeFileSync } from 'node:fs';
import { startPlanted } from './planted-pool.ts';
import { PLANTED_BUGS, WITHIN } from './planted.ts';

const DOCUMENT = new URL('../../../../docs/RELIABILITY.md', import.meta.url);
const FOUND = new URL('planted-found.json', import.meta.url);
const BEGIN = '<!-- made by: npm run sim -- --planted -->';
const END = '<!-- end -->';

interface Found {
  readonly name: string;
  readonly where: string;
  readonly promise: string;
  readonly seeds: number;
}

/** Looks for every planted bug with seed after seed and writes down what caught it, in the document and for the tests. Answers how many were missed. */
export async function reportPlanted(jobs: number, say: (text: string) => void): Promise<number> {
  const found: (Found | null)[] = PLANTED_BUGS.map(() => null);
  let next = 0;
  await Promise.all(
    Array.from({ length: jobs }, async () => {
      const planted = startPlanted();
      try {
        for (let bug = next++; bug < PLANTED_BUGS.length; bug = next++) {
          const { name, patches } = PLANTED_BUGS[bug]!;
          const { caught, tried } = await planted.look({ bug, seeds: seedsUpTo(WITHIN) });
          say(`${caught === null ? 'MISSED' : `caught by seed ${caught.seed}`.padEnd(19)} ${name}`);
          if (caught === null) continue;
          const files = new Set(patches?.map(({ file }) => file));
          const where = patches === undefined ? 'between engine and ports' : [...files].join(', ');
          found[bug] = { name, where, promise: caught.promise, seeds: tried };
        }
      } finally {
        planted.end();
      }
    }),
  );
  write(found.filter((one) => one !== null));
  return found.filter((one) => one === null).length;
}

export function seedsUpTo(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i + 1}`);
}

function write(found: readonly Found[]): void {
  const seeds = Object.fromEntries(found.map((one) => [one.name, one.seeds]));
  writeFileSync(FOUND, `${JSON.stringify(seeds, null, 2)}\n`);
  const rows = found.map(({ name, where, promise, seeds: count }) => `| ${name} | ${where} | ${promise} | ${count} |`);
  const table = ['| bug | planted in | checker | seeds |', '|---|---|---|---|', ...rows].join('\n');
  const text = readFileSync(DOCUMENT, 'utf8');
  const [before = '', rest = ''] = text.split(BEGIN);
  const after = rest.slice(rest.indexOf(END));
  writeFileSync(DOCUMENT, `${before}${BEGIN}\n\n${table}\n\n${after}`);
}
