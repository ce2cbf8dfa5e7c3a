import type { Migration } from '../migration.ts';

export const uploadsAndNamesMigration: Migration = {
  number: 2,
  name: 'uploads and names',
  statements: [
    // The visible holder of a name is found without passing by all that were hidden under it.
    `drop index "node_by_place"`,
    `create index "node_by_place" on "node" ("namespace", "parent", "name_tag", "hidden")`,
    `create index "upload_of_device" on "upload" ("namespace", "device", "state")`,
  ],
  appendOnly: [],
};
