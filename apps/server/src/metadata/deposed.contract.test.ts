import { CompiledQuery } from 'kysely';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { startPostgres, type Postgres } from '../../../../tools/engines/postgres.ts';
import { engineFolder } from '../testing/engine-folder.ts';
import type { MetadataDatabase } from './database.ts';
import { openPostgres } from './postgres.ts';

/*
 * Two servers that both take writes: a standby was promoted, and the primary it followed runs, because nobody fenced it. What it acknowledged would be lost to
 * everybody who asks the other one.
 */

const DATABASE = 'deposed';
const LEASE_MS = 1_500;

let folder: ReturnType<typeof engineFolder>;
let [old, promoted]: Postgres[] = [];
let urls: string[] = [];

beforeEach(async () => {
  folder = engineFolder();
  old = await startPostgres({ folder: folder.path });
  promoted = await old.addSynchronousStandby('mirror');
  const url = await old.createDatabase(DATABASE);
  urls = [url, promoted.url.replace(/postgres$/, DATABASE)];
});
afterEach(async () => {
  await Promise.all([old?.kill(), promoted?.kill()]);
  folder.remove();
});

async function open(): Promise<MetadataDatabase> {
  const metadata = await openPostgres({ urls, statementMs: 300, leaseMs: LEASE_MS });
  onTestFinished(() => metadata.close());
  return metadata;
}

const write = (metadata: MetadataDatabase, name: string): Promise<boolean> =>
  metadata
    .write((writer) => metadata.sql.insertMany(writer, 'setting', [{ name, value: new Uint8Array([1]) }], 'keep'))
    .then(() => true)
    .catch(() => false);

/** The settings that a read shows which is proven to be the primary's; undefined where that is not proven. */
async function believed(metadata: MetadataDatabase): Promise<readonly string[] | undefined> {
  try {
    const asked = `select name, ${metadata.sql.instance} as instance from setting where name like 'written%' order by name`;
    const { rows } = await metadata.read.executeQuery<{ name: string; instance: number }>(CompiledQuery.raw(asked));
    await metadata.confirmPrimary(rows[0]?.instance);
    return rows.map(({ name }) => name);
  } catch {
    return undefined;
  }
}

const standing = async (): Promise<string[]> =>
  ((await promoted?.query(`select name from setting where name like 'written%' order by name`, DATABASE)) ?? '')
    .trim()
    .split('\n');

describe('an old primary that nobody fenced acknowledges nothing, is not believed, and keeps nobody from the new one:', () => {
  async function comeToThePromoted(metadata: MetadataDatabase): Promise<void> {
    const acknowledged = ['written first'];
    for (let i = 0; acknowledged.length < 4 && i < 30; i++) {
      const name = `written ${String(i).padStart(2, '0')}`;
      if (await write(metadata, name)) acknowledged.push(name);
      const shown = await believed(metadata);
      // Whoever is believed shows all that was acknowledged before.
      if (shown !== undefined) expect(shown).toEqual(expect.arrayContaining(acknowledged));
    }
    expect(acknowledged).toHaveLength(4);
    expect(await standing()).toEqual(expect.arrayContaining(acknowledged));
    await expect.poll(() => believed(metadata), { timeout: 20_000 }).toEqual(await standing());
  }

  test('it was down while the other one was promoted, and comes back', { timeout: 60_000 }, async () => {
    const before = await open();
    expect(await write(before, 'written first')).toBe(true);
    await old?.kill();
    await promoted?.promote();
    await old?.restart();
    // A node that starts now asks it first.
    const after = await open();
    for (const metadata of [after, before]) await comeToThePromoted(metadata);
  });

  test('it never stopped', { timeout: 60_000 }, async () => {
    const metadata = await open();
    expect(await write(metadata, 'written first')).toBe(true);
    expect(await believed(metadata)).toEqual(['written first']);
    await promoted?.promote();
    // What operators are told to wait for.
    await new Promise((resolve) => setTimeout(resolve, LEASE_MS + 100));
    await comeToThePromoted(metadata);
  });
});
