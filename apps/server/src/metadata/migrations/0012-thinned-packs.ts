import type { Migration } from '../migration.ts';

export const thinnedPacksMigration: Migration = {
  number: 12,
  name: 'thinned packs',
  statements: [
    // Packs that lost blocks since it was last looked whether most of them is dead.
    `create table "thinned_pack" (
      "namespace" {{bytes}} not null,
      "pack" {{bytes}} not null,
      primary key ("namespace", "pack")
    ){{clustered}}`,
  ],
  appendOnly: [],
};
