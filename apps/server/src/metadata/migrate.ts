import { createHash } from 'node:crypto';
import { sql, type Kysely, type Transaction } from 'kysely';
import { OnefoldError } from '@onefold/protocol';
import type { SqlDialect } from './database.ts';
import type { Migration } from './migration.ts';
import { firstMigration } from './migrations/0001-first.ts';
import { uploadsAndNamesMigration } from './migrations/0002-uploads-and-names.ts';
import { collectionMigration } from './migrations/0003-collection.ts';
import { quotaMigration } from './migrations/0004-quota.ts';
import { retentionMigration } from './migrations/0005-retention.ts';
import { presenceMigration } from './migrations/0006-presence.ts';
import { directPacksMigration } from './migrations/0007-direct-packs.ts';
import { linkingMigration } from './migrations/0008-linking.ts';
import { deletedAccountsMigration } from './migrations/0009-deleted-accounts.ts';
import { checkpointsMigration } from './migrations/0010-checkpoints.ts';
import { inStepMigration } from './migrations/0011-in-step.ts';
import { thinnedPacksMigration } from './migrations/0012-thinned-packs.ts';
import { lostBlocksMigration } from './migrations/0013-lost-blocks.ts';
import { quietDevicesMigration } from './migrations/0014-quiet-devices.ts';
import type { Tables } from './tables.ts';

export const MIGRATIONS: readonly Migration[] = [
  firstMigration,
  uploadsAndNamesMigration,
  collectionMigration,
  quotaMigration,
  retentionMigration,
  presenceMigration,
  directPacksMigration,
  linkingMigration,
  deletedAccountsMigration,
  checkpointsMigration,
  inStepMigration,
  thinnedPacksMigration,
  lostBlocksMigration,
  quietDevicesMigration,
];

/** Identifies a migration's text, whatever engine it runs on. */
export function migrationHash(migration: Migration): string {
  return createHash('sha256')
    .update(JSON.stringify([migration.statements, migration.appendOnly, ...[migration.purgeable ?? []].filter(hasAny)]))
    .digest('hex');
}

function hasAny(list: readonly string[]): boolean {
  return list.length > 0;
}

interface Applied {
  readonly number: number;
  readonly hash: string;
}

/** Brings the database to this code's schema in one transaction; one that is there already is only read, whoever holds it meanwhile. Throws `state-newer` when it is ahead, `state-corrupt` when its past differs. */
export async function migrate(
  database: Kysely<Tables>,
  dialect: SqlDialect,
  nowMs: () => number,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  if (await isCurrent(database, migrations)) return;
  await database.transaction().execute(async (trx) => {
    await dialect.lockSchema(trx);
    await sql`create table if not exists migration (number ${sql.raw(dialect.types.integer)} primary key, name text not null, hash text not null, applied_at_ms ${sql.raw(dialect.types.integer)} not null)`.execute(
      trx,
    );
    const applied = (await sql<Applied>`select number, hash from migration order by number`.execute(trx)).rows;
    mustBeKnown(applied, migrations);
    for (const migration of migrations.slice(applied.length)) await apply(trx, dialect, migration, nowMs());
  });
}

/** What cannot be read, as where nothing was ever migrated, is looked at once more by whoever holds the schema. */
async function isCurrent(database: Kysely<Tables>, migrations: readonly Migration[]): Promise<boolean> {
  const result = await sql<Applied>`select number, hash from migration order by number`
    .execute(database)
    .catch(() => undefined);
  if (result === undefined) return false;
  mustBeKnown(result.rows, migrations);
  return result.rows.length === migrations.length;
}

/** Throws `state-newer` and `state-corrupt`. */
function mustBeKnown(applied: readonly Applied[], migrations: readonly Migration[]): void {
  for (const [i, { number, hash }] of applied.entries()) {
    const known = migrations[i];
    if (known === undefined) throw new OnefoldError('state-newer', 'this data was written by a newer onefold-server');
    if (known.number !== number || migrationHash(known) !== hash)
      throw new OnefoldError('state-corrupt', `migration ${number} of this data is not the one this server knows`);
  }
}

async function apply(
  trx: Transaction<Tables>,
  dialect: SqlDialect,
  migration: Migration,
  nowMs: number,
): Promise<void> {
  const statements = [
    ...migration.statements,
    ...migration.appendOnly.flatMap((table) => dialect.appendOnly(table)),
    ...(migration.purgeable ?? []).flatMap((table) => dialect.purgeable(table)),
  ];
  for (const statement of statements) {
    const text = statement
      .replaceAll('{{bytes}}', dialect.types.bytes)
      .replaceAll('{{integer}}', dialect.types.integer)
      .replaceAll('{{clustered}}', dialect.clustered);
    await sql.raw(text).execute(trx);
  }
  await sql`insert into migration (number, name, hash, applied_at_ms) values (${migration.number}, ${migration.name}, ${migrationHash(migration)}, ${nowMs})`.execute(
    trx,
  );
}
