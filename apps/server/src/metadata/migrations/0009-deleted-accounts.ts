import type { Migration } from '../migration.ts';

export const deletedAccountsMigration: Migration = {
  number: 9,
  name: 'deleted accounts',
  statements: [
    `create table "doomed_namespace" ("namespace" {{bytes}} primary key, "doomed_at_ms" {{integer}} not null)`,
    // Ids and nothing else: a device is told what became of its account, and no repeated request brings an account back.
    `create table "deleted_id" ("id" {{bytes}} primary key, "deleted_at_ms" {{integer}} not null)`,
  ],
  appendOnly: [],
  purgeable: ['user_chain'],
};
