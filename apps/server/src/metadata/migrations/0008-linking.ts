import type { Migration } from '../migration.ts';

export const linkingMigration: Migration = {
  number: 8,
  name: 'linking',
  statements: [
    `create table "linking" (
      "rendezvous" {{bytes}} primary key,
      "user" {{bytes}} not null,
      "device" {{bytes}} not null,
      "claim_hash" {{bytes}},
      "expires_at_ms" {{integer}} not null
    )`,
    `create index "linking_of_user" on "linking" ("user")`,
    `create index "linking_by_expiry" on "linking" ("expires_at_ms")`,
    `create table "linking_message" (
      "rendezvous" {{bytes}} not null references "linking" ("rendezvous") on delete cascade,
      "side" text not null,
      "n" {{integer}} not null,
      "message" {{bytes}} not null,
      primary key ("rendezvous", "side", "n")
    )`,
  ],
  appendOnly: [],
};
