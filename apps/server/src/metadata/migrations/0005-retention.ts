import type { Migration } from '../migration.ts';

export const retentionMigration: Migration = {
  number: 5,
  name: 'retention',
  statements: [
    // Since when a node bears its own hidden flag. Null also once there is nothing more to take from it.
    `alter table "node" add column "hidden_at_ms" {{integer}}`,
    `alter table "node" add column "purge_state" {{integer}}`,
    `update "node" set "hidden_at_ms" = (select e."accepted_at_ms" from "entry" e
      where e."namespace" = "node"."namespace" and e."seq" = "node"."last_seq") where "hidden" = 1`,
    `create index "node_by_hiding" on "node" ("namespace", "hidden_at_ms")`,
    // What an owner chose; no row = what the configuration says.
    `create table "retention" (
      "namespace" {{bytes}} primary key,
      "is_thinned" {{integer}} not null,
      "version_days" {{integer}},
      "version_count" {{integer}},
      "trash_days" {{integer}}
    )`,
    // How far the retention job has come: the node after which it goes on, and when it was last through.
    `create table "retention_pass" (
      "namespace" {{bytes}} primary key,
      "after_node" {{bytes}},
      "done_at_ms" {{integer}}
    )`,
    `create table "lease" ("name" text primary key, "holder" text not null, "until_ms" {{integer}} not null)`,
    // A row that only the transaction sees which wrote it and takes it away again: while it stands, history may be deleted.
    `create table "purge_permit" ("id" {{bytes}} primary key)`,
    `alter table "audit" add column "details" text`,
  ],
  appendOnly: [],
  purgeable: ['file_version', 'entry'],
};
