import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { damageAll } from '../testing/damage-all.ts';
import { check, dump, makeSoundFolder, type SoundFolder } from '../testing/random-damage.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

/** More of them, with a file of results: `node apps/server/src/testing/count-damage.ts`. */
const RUNS = 12;
const FIRST_SEED = Number(process.env['ONEFOLD_SEED'] ?? Date.now() % 2 ** 31);

let sound: SoundFolder;

beforeAll(async () => {
  sound = await makeSoundFolder();
  return () => sound.remove();
});

/** The folder as a killed server leaves it. */
function killed(): string {
  const data = temporaryFolder();
  rmSync(data, { recursive: true, force: true });
  cpSync(sound.running, data, { recursive: true });
  return data;
}

test('a folder whose server was killed is sound, its log unread', async () => {
  expect(readFileSync(join(sound.running, 'metadata.db-wal')).length).toBeGreaterThan(100_000);
  expect((await check(killed())).damage).toEqual([]);
});

test('a log that is cut off within a frame, or at one, is what a kill leaves', async () => {
  for (const share of [0.3, 0.7]) {
    const data = killed();
    const log = join(data, 'metadata.db-wal');
    const bytes = readFileSync(log);
    writeFileSync(log, bytes.subarray(0, Math.floor(bytes.length * share)));
    const named = (await check(data)).damage.map(({ text }) => text);
    expect(named.filter((text) => text.includes(' log '))).toEqual([]);
  }
});

test.each([
  ['in its beginning', 20],
  ['in the salts of a frame', 32 + 12],
  ['in a page', 32 + 24 + 2_000],
  ['in a page far back', 32 + 10 * (24 + 4_096) + 500],
])('damage to the log %s is named, which the database would pass by', async (_, at) => {
  const data = killed();
  const log = join(data, 'metadata.db-wal');
  const bytes = readFileSync(log);
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  writeFileSync(log, bytes);
  const { damage } = await check(data);
  expect(damage.filter(({ what, text }) => what === 'database' && /its log/.test(text))).toHaveLength(1);
});

test('damage to the index of the log harms nothing: it is made anew', async () => {
  const data = killed();
  const index = join(data, 'metadata.db-shm');
  writeFileSync(index, readFileSync(index).fill(0x5a));
  expect((await check(data)).damage).toEqual([]);
  expect(dump(data)).toEqual(dump(sound.stopped));
});

test('where the database cannot be opened, packs are still looked at by themselves', async () => {
  const data = killed();
  const database = join(data, 'metadata.db');
  writeFileSync(database, readFileSync(database).fill(7, 0, 4_096));
  for (const end of ['-wal', '-shm']) rmSync(`${database}${end}`);
  const [pack = ''] = dump(sound.stopped)
    .get('pack')!
    .map((row) => Buffer.from(row['pack'] as Uint8Array).toString('hex'));
  const object = dump(sound.stopped).get('pack')![0]!['object_key'] as string;
  const file = join(data, 'packs', object);
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  const { damage } = await check(data);
  expect(damage.map(({ what }) => what)).toEqual(['database', 'pack']);
  expect(damage[1]!.text).toContain(pack);
});

test(
  `damage at random to every file at once is named, each for what it is (seeds ${FIRST_SEED} to ${FIRST_SEED + RUNS - 1})`,
  async () => {
    const data = temporaryFolder();
    const missed: string[] = [];
    let due = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
      const damaged = await damageAll(sound, data, seed);
      due += damaged.due.length;
      if (damaged.missed.length > 0)
        missed.push(`seed ${seed}: ${damaged.missed.join(', ')} of ${damaged.done.join('; ')}`);
    }
    expect(missed).toEqual([]);
    expect(due).toBeGreaterThan(RUNS * 10);
  },
  120_000 + 15_000 * RUNS,
);
