import type { Migration } from '../migration.ts';

export const quietDevicesMigration: Migration = {
  number: 14,
  name: 'quiet devices',
  statements: [
    // Until when no node wakes it: 0 = one may.
    `alter table "device" add column "quiet_until_ms" {{integer}} not null default 0`,
  ],
  appendOnly: [],
};
