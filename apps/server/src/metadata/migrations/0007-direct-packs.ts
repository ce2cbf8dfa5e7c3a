import type { Migration } from '../migration.ts';

export const directPacksMigration: Migration = {
  number: 7,
  name: 'direct packs',
  statements: [
    // Packs that a device may send straight to the object store, and has not told of yet.
    `create table "direct_pack" (
      "namespace" {{bytes}} not null,
      "pack" {{bytes}} not null,
      "object_key" text not null,
      "upload" {{bytes}} not null,
      "device" {{bytes}} not null,
      "size_bytes" {{integer}} not null,
      "sha256" {{bytes}} not null,
      "expires_at_ms" {{integer}} not null,
      primary key ("namespace", "pack")
    )`,
    `create index "direct_pack_by_expiry" on "direct_pack" ("expires_at_ms")`,
  ],
  appendOnly: [],
};
