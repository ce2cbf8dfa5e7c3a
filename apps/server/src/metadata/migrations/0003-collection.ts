import type { Migration } from '../migration.ts';

export const collectionMigration: Migration = {
  number: 3,
  name: 'collection',
  statements: [
    // Objects that no pack row names any more; readers that have just looked them up may still read them for a while.
    `create table "dead_object" ("object_key" text primary key, "dead_at_ms" {{integer}} not null)`,
    `create index "dead_object_by_age" on "dead_object" ("dead_at_ms")`,
    `create index "block_by_grace" on "block" ("state", "unreferenced_at_ms")`,
    `create index "block_of_pack" on "block" ("namespace", "pack")`,
    `create index "version_block_by_hash" on "version_block" ("namespace", "ct_hash", "is_added")`,
  ],
  appendOnly: [],
};
