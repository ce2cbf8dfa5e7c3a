import type { Migration } from '../migration.ts';

export const lostBlocksMigration: Migration = {
  number: 13,
  name: 'lost blocks',
  statements: [
    `alter table "namespace" add column "lost_revision" {{integer}} not null default 0`,
    // 3 is BLOCK_LOST: few blocks are, and they are asked for by namespace.
    `create index "lost_block" on "block" ("namespace", "ct_hash") where "state" = 3`,
    `update "namespace" set "lost_revision" = 1
      where exists (select 1 from "block" b where b."namespace" = "namespace"."namespace" and b."state" = 3)`,
  ],
  appendOnly: [],
};
