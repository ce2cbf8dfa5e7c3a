import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { keepResult } from './bench-result.ts';
import { damageAll, type Damaged } from './damage-all.ts';
import { makeSoundFolder } from './random-damage.ts';

/*
 * `node apps/server/src/testing/count-damage.ts --runs N --seed S`: damages every file of a server's folder at once, again and again, and counts what fsck names
 * and what it misses. Keeps the counts in bench/results/.
 */

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const [runs, firstSeed] = [Number(values.runs), Number(values.seed)];
const sound = await makeSoundFolder();
const data = mkdtempSync(join(tmpdir(), 'onefold-damage-'));
const found: Damaged[] = [];
try {
  for (let seed = firstSeed; seed < firstSeed + runs; seed++) found.push(await damageAll(sound, data, seed));
} finally {
  sound.remove();
  rmSync(data, { recursive: true, force: true });
}
const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
const named: Record<string, number> = {};
for (const one of found)
  for (const [what, count] of Object.entries(one.named)) named[what] = (named[what] ?? 0) + count;
keepResult('fsck-damage', {
  ...{ runs, firstSeed },
  filesDamaged: sum(found.map(({ done }) => done.length)),
  mustBeNamed: sum(found.map(({ due }) => due.length)),
  missed: sum(found.map(({ missed }) => missed.length)),
  named,
  missedIn: found.filter(({ missed }) => missed.length > 0),
});
