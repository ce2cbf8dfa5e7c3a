import { randomBytes } from 'node:crypto';
import { OnefoldError } from '@onefold/protocol';
import { idOf } from '../id-bytes.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import { OWNER_KEY, type PackStore } from './pack-store.ts';

/*
 * Collection takes away every pack that its database does not name. A store of packs therefore belongs to one database, for good:
 *
 *   nobody's, without packs                     -> claimed by the first database that comes
 *   nobody's, with packs (an older version's)   -> claimed by a database that has users
 *   claimed                                     -> refused to every other database: a mistyped one, a new one, another installation's
 */

const SETTING = 'database-id';

/** Throws `state-corrupt` where the packs are, or may be, another database's. */
export async function mustBeOwn(metadata: MetadataDatabase, packs: PackStore): Promise<void> {
  const own = await databaseId(metadata);
  const owner = await packs.owner();
  if (owner === own) return;
  if (owner !== undefined)
    throw foreign('the packs in this place belong to another database than the one that is configured');
  if (!(await hasUsers(metadata)))
    for await (const { objectKey } of packs.list())
      throw foreign(`packs are in this place (${objectKey}), and the configured database is new`);
  await packs.claim(own);
  // Of several that came at once the last one has it.
  if ((await packs.owner()) !== own) throw foreign('another database has claimed this place for its packs');
}

function foreign(what: string): OnefoldError {
  return new OnefoldError(
    'state-corrupt',
    `${what}: name that database, or another place; only if it is lost for good, remove ${OWNER_KEY} and the packs there`,
  );
}

/** Made once for the life of the data; a backup of the database has it too. */
async function databaseId(metadata: MetadataDatabase): Promise<string> {
  const { read, sql } = metadata;
  const value = new Uint8Array(randomBytes(16));
  await metadata.write((writer) => sql.insertMany(writer, 'setting', [{ name: SETTING, value }], 'keep'));
  const row = await read.selectFrom('setting').select('value').where('name', '=', SETTING).executeTakeFirstOrThrow();
  return idOf(row.value);
}

async function hasUsers({ read }: MetadataDatabase): Promise<boolean> {
  return (await read.selectFrom('user').select('user').limit(1).executeTakeFirst()) !== undefined;
}
