import type { Migration } from '../migration.ts';

export const presenceMigration: Migration = {
  number: 6,
  name: 'presence',
  statements: [
    // Which node of the server holds a device's line, and until when it says so without saying it again.
    `create table "presence" (
      "device" {{bytes}} not null,
      "node" text not null,
      "until_ms" {{integer}} not null,
      primary key ("device", "node")
    ){{clustered}}`,
    `create index "presence_by_expiry" on "presence" ("until_ms")`,
    `create index "presence_of_node" on "presence" ("node")`,
  ],
  appendOnly: [],
};
