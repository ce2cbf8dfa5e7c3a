import type { Migration } from '../migration.ts';

export const inStepMigration: Migration = {
  number: 11,
  name: 'in step',
  statements: [
    `alter table "device" add column "is_in_step" {{integer}} not null default 0`,
    // When it last was, while it is not; null: never.
    `alter table "device" add column "in_step_ms" {{integer}}`,
  ],
  appendOnly: [],
};
