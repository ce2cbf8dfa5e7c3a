import type { Migration } from '../migration.ts';

export const quotaMigration: Migration = {
  number: 4,
  name: 'quota',
  statements: [
    // Bytes of the namespaces a user owns; null = what the configuration says.
    `alter table "user" add column "quota_bytes" {{integer}}`,
    `create index "audit_of_user" on "audit" ("user", "at_ms")`,
  ],
  appendOnly: [],
};
