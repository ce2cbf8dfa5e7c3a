import { expect, test } from 'vitest';
import { MIGRATIONS } from './migrate.ts';
import type { Migration } from './migration.ts';

/*
 * Nodes of the version before go on while the first node of a new one migrates: so a migration only adds what they need not know of. Text of statements is
 * compared with blanks taken together.
 */
const ADDING = [
  /^create table "\w+" \(/,
  /^create index "\w+" on /,
  /^drop index "\w+"$/,
  // A column that whoever does not know of it leaves alone.
  /^alter table "\w+" add column "\w+" (?:\{\{integer\}\}|\{\{bytes\}\}|text)(?: not null default \S+)?$/,
  // Filling in what a column that came with this migration says of the rows that were there.
  /^update "(\w+)" set "(\w+)" = /,
];

/** What a node of the version before would not bear. */
function breaking({ statements, appendOnly }: Migration): string[] {
  const plain = statements.map((statement) => statement.replace(/\s+/g, ' ').trim());
  const has = (start: string): boolean => plain.some((statement) => statement.startsWith(start));
  const isOfOwnTable = (statement: string): boolean =>
    has(`create table "${/^create unique index "\w+" on "(\w+)"/.exec(statement)?.[1] ?? ''}"`);
  const wrong = plain.filter((statement) => {
    const [, table = '', column = ''] = ADDING[4]?.exec(statement) ?? [];
    if (table !== '') return !has(`alter table "${table}" add column "${column}"`);
    return !ADDING.some((form) => form.test(statement)) && !isOfOwnTable(statement);
  });
  return [...wrong, ...appendOnly.filter((table) => !has(`create table "${table}"`))];
}

test.each(MIGRATIONS.map((migration) => [migration.number, migration] as const))(
  'migration %i only adds what a node of the version before need not know of',
  (_, migration) => {
    expect(breaking(migration)).toEqual([]);
  },
);

test.each([
  'alter table "entry" drop column "body"',
  'alter table "entry" rename to "entries"',
  'alter table "device" add column "kind" text not null',
  'drop table "upload"',
  'create unique index "one_name" on "device" ("user")',
  'update "device" set "last_seen_ms" = 0',
  'delete from "session"',
])('and one that would break it is found: %s', (statement) => {
  expect(breaking({ number: 99, name: 'planted', statements: [statement], appendOnly: [] })).toEqual([statement]);
  expect(breaking({ number: 99, name: 'planted', statements: [], appendOnly: ['device'] })).toEqual(['device']);
});
