import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { columnsOf, damageCell } from '../testing/damage-cell.ts';
import {
  check,
  differences,
  dump,
  makeSoundFolder,
  mustBeFound,
  seeded,
  type SoundFolder,
} from '../testing/random-damage.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

/** More of them: ONEFOLD_RUNS=20 ONEFOLD_SEED=1 */
const RUNS = Number(process.env['ONEFOLD_RUNS'] ?? 1);
const FIRST_SEED = Number(process.env['ONEFOLD_SEED'] ?? Date.now() % 2 ** 31);

let sound: SoundFolder;

beforeAll(async () => {
  sound = await makeSoundFolder();
  return () => sound.remove();
});

test(
  `whatever column of the tables is changed, it is found (seeds ${FIRST_SEED} to ${FIRST_SEED + RUNS - 1})`,
  async () => {
    const before = dump(sound.stopped);
    const columns = columnsOf(before).filter(({ table, column }) => mustBeFound(`${table}.${column}`));
    expect(columns.length).toBeGreaterThan(50);
    const data = temporaryFolder();
    rmSync(data, { recursive: true, force: true });
    cpSync(sound.stopped, data, { recursive: true });
    const missed: string[] = [];
    let changed = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
      const below = seeded(seed);
      for (const where of columns) {
        cpSync(join(sound.stopped, 'metadata.db'), join(data, 'metadata.db'));
        const done = damageCell(data, where, below);
        if (done === undefined || differences(before, data)?.length === 0) continue;
        changed++;
        if ((await check(data)).damage.length === 0) missed.push(`seed ${seed}: ${done}`);
      }
    }
    expect(missed.join('\n')).toBe('');
    expect(changed).toBeGreaterThan(columns.length * RUNS * 0.5);
  },
  120_000 + 120_000 * RUNS,
);
