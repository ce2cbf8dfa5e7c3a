import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { OnefoldError } from '@onefold/protocol';
import { loadConfig } from '../load-config.ts';
import { startServer } from '../server.ts';
import {
  check,
  damage,
  differences,
  dump,
  filesOf,
  makeSoundFolder,
  mustBeFound,
  seeded,
  type SoundFolder,
} from '../testing/random-damage.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { valueOf } from '../testing/test-client.ts';
import { announce, putPack, unreadable } from '../testing/test-uploads.ts';

/** More of them: ONEFOLD_RUNS=1000 ONEFOLD_SEED=1 */
const RUNS = Number(process.env['ONEFOLD_RUNS'] ?? 40);
const FIRST_SEED = Number(process.env['ONEFOLD_SEED'] ?? Date.now() % 2 ** 31);
const LIMIT_MS = 120_000 + 15_000 * RUNS;

let sound: SoundFolder;

beforeAll(async () => {
  sound = await makeSoundFolder();
  return () => sound.remove();
});

test('the folder is sound before it is damaged', async () => {
  expect((await check(sound.stopped)).damage).toEqual([]);
});

describe(`damage at random (seeds ${FIRST_SEED} to ${FIRST_SEED + RUNS - 1})`, () => {
  test(
    'to any file is found and named',
    async () => {
      const before = dump(sound.stopped);
      const data = temporaryFolder();
      const missed: string[] = [];
      let damaged = 0;
      for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
        rmSync(data, { recursive: true, force: true });
        cpSync(sound.stopped, data, { recursive: true });
        const below = seeded(seed);
        const packs = filesOf(data).filter((name) => name.startsWith('packs'));
        const others = filesOf(data).filter((name) => !name.startsWith('packs'));
        const from = below(3) === 0 ? packs : others;
        const name =
          below(4) === 0 ? (from[below(from.length)] ?? '') : from === packs ? (packs[0] ?? '') : 'metadata.db';
        const original = readFileSync(join(data, name));
        const done = `seed ${seed}: ${name}: ${damage(join(data, name), below)}`;
        const differs =
          name === 'metadata.db'
            ? (differences(before, data)?.filter(mustBeFound) ?? ['it cannot be read'])
            : packs.includes(name) && !(existsSync(join(data, name)) && readFileSync(join(data, name)).equals(original))
              ? ['pack']
              : [];
        if (differs.length > 0) damaged++;
        const report = await check(data);
        const kinds = new Set(report.damage.map(({ what }) => what));
        if (differs.length > 0 && report.damage.length === 0) missed.push(`${done}: ${differs.join(', ')}`);
        if (packs.includes(name) && differs.length > 0 && !kinds.has('pack'))
          missed.push(`${done}: not named as a pack's`);
        if (name === 'server.lock' && report.damage.length > 0) missed.push(`${done}: a lock holds nothing to damage`);
      }
      expect(missed.join('\n')).toBe('');
      expect(damaged).toBeGreaterThan(RUNS / 4);
    },
    LIMIT_MS,
  );

  test(
    'to packs is repaired by sending again what is missing',
    async () => {
      const data = temporaryFolder();
      const { client } = sound;
      for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS / 8; seed++) {
        rmSync(data, { recursive: true, force: true });
        cpSync(sound.stopped, data, { recursive: true });
        const below = seeded(seed);
        const packs = filesOf(data).filter((name) => name.startsWith('packs'));
        const done: string[] = [];
        for (let i = 0; i < 3; i++) {
          const [name = ''] = packs.splice(below(packs.length), 1);
          done.push(`seed ${seed}: ${name}: ${damage(join(data, name), below)}`);
        }
        await check(data, true);
        const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
        client.url = server.url;
        valueOf(await client.openSession());
        const lost = await unreadable(client, sound.blocks);
        if (lost.length > 0) await putPack(client, await announce(client, lost), lost);
        expect(await unreadable(client, sound.blocks), done.join('; ')).toEqual([]);
        await server.close();
        const left = await check(data, true);
        // The other account has nobody who sends anything.
        const own = left.damage.filter(({ text }) => text.includes(client.namespace));
        expect(own, done.join('; ')).toEqual([]);
      }
    },
    LIMIT_MS,
  );

  test('to a configuration file is told as such, and nothing else', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'server.json');
    const config = { data: folder, listen: '127.0.0.1:7440', limits: { socketsPerDevice: 3 }, registration: 'closed' };
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 25 * RUNS; seed++) {
      writeFileSync(file, JSON.stringify(config, undefined, 2));
      damage(file, seeded(seed));
      try {
        loadConfig({ config: file }, {});
      } catch (thrown) {
        expect(thrown, `seed ${seed}`).toBeInstanceOf(OnefoldError);
        expect((thrown as OnefoldError).code, `seed ${seed}`).toBe('invalid-argument');
      }
    }
  });
});
