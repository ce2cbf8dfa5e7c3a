import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { idOf } from '../id-bytes.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import { openSqlite } from '../metadata/sqlite.ts';
import { startTestServer } from '../testing/started-server.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createClient } from '../testing/test-client.ts';
import { openDiskPackStore } from './disk.ts';
import type { PackStore } from './pack-store.ts';
import { mustBeOwn } from './store-owner.ts';

async function database(file = join(temporaryFolder(), 'metadata.db')): Promise<MetadataDatabase> {
  const metadata = await openSqlite(file);
  onTestFinished(() => metadata.close());
  return metadata;
}

const place = (): Promise<PackStore> =>
  openDiskPackStore({ folder: join(temporaryFolder(), 'packs'), nowMs: Date.now });

const put = (packs: PackStore): Promise<unknown> =>
  packs.put({ namespace: idOf(randomBytes(32)), packId: idOf(randomBytes(16)), bytes: randomBytes(10) });

test('an empty place is the first database’s that comes, and no other’s afterwards', async () => {
  const [packs, own, other] = [await place(), await database(), await database()];
  await mustBeOwn(own, packs);
  await mustBeOwn(own, packs);
  await expect(mustBeOwn(other, packs)).rejects.toMatchObject({ code: 'state-corrupt' });
  await put(packs);
  await mustBeOwn(own, packs);
});

test('packs that nobody has claimed are not a new database’s, and are one’s that has users', async () => {
  const packs = await place();
  await put(packs);
  await expect(mustBeOwn(await database(), packs)).rejects.toMatchObject({ code: 'state-corrupt' });
  expect(await packs.owner()).toBeUndefined();
  const { url, data } = await startTestServer();
  await createClient(url);
  await mustBeOwn(await database(join(data, 'metadata.db')), packs);
});
