import type { Migration } from '../migration.ts';

export const checkpointsMigration: Migration = {
  number: 10,
  name: 'checkpoints',
  statements: [
    // Up to here changesets are gone, and stand in entry_stub. -1: none.
    `alter table "namespace" add column "truncated_seq" {{integer}} not null default -1`,
    // Each node as it now is, and as it was for every checkpoint that is kept: as of position S it is its row with the highest "seq" up to S.
    `create table "node_row" (
      "namespace" {{bytes}} not null,
      "node" {{bytes}} not null,
      "seq" {{integer}} not null,
      "row" {{bytes}} not null,
      primary key ("namespace", "node", "seq")
    ){{clustered}}`,
    // Sum over the newest rows, as of position "seq"; below the head only until entries of before this table have been gone through.
    `create table "tree_sum" (
      "namespace" {{bytes}} primary key,
      "seq" {{integer}} not null,
      "checkpoint_seq" {{integer}} not null,
      "nodes" {{integer}} not null,
      "lanes" {{bytes}} not null
    )`,
    // What is left of a changeset that is gone.
    `create table "entry_stub" (
      "namespace" {{bytes}} not null,
      "seq" {{integer}} not null,
      "entry_hash" {{bytes}} not null,
      "hash" {{bytes}} not null,
      "header_hash" {{bytes}} not null,
      "device" {{bytes}} not null,
      "device_seq" {{integer}} not null,
      "op_id" {{bytes}} not null,
      "accepted_at_ms" {{integer}} not null,
      primary key ("namespace", "seq")
    ){{clustered}}`,
    `create unique index "entry_stub_operation" on "entry_stub" ("namespace", "device", "op_id")`,
    `create unique index "entry_stub_author" on "entry_stub" ("namespace", "device", "device_seq", "seq")`,
  ],
  appendOnly: ['entry_stub'],
  purgeable: ['entry_stub'],
};
