import type Database from 'better-sqlite3';
import { searchKey, matchRank } from '../../core/search-names.ts';

/* Names as people look for them, inside the worker. Synchronous; throws what SQLite throws. */

/** More than so many matches are not put in order: who types one letter wants some, not all. */
const MOST_RANKED = 20_000;

export interface FoundNames {
  put(id: number, before: string | null, after: string | null): void;
  drop(id: number): void;
  /** Ids of rows whose name holds all of `words`, the best match first. */
  search(words: readonly string[]): number[];
}

export function openFoundNames(database: Database.Database): FoundNames {
  const insert = database.prepare<[number, string]>(
    'INSERT INTO found_name (id, folded) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET folded = excluded.folded',
  );
  const remove = database.prepare<[number]>('DELETE FROM found_name WHERE id = ?');
  const searches = new Map<number, Database.Statement<(string | number)[], [number, string]>>();
  fill();

  /** A state of before this table was there. */
  function fill(): void {
    const count = (table: string): number =>
      database.prepare<[], number>(`SELECT count(*) FROM (SELECT 1 FROM ${table} LIMIT 1)`).pluck().get() ?? 0;
    if (count('found_name') > 0 || count('node') === 0) return;
    const names = database
      .prepare<[], [number, string | null]>(
        `SELECT node.id, coalesce(local_node.name, remote_node.name) FROM node
         LEFT JOIN local_node ON local_node.id = node.id LEFT JOIN remote_node ON remote_node.id = node.id`,
      )
      .raw();
    database.transaction(() => {
      for (const [id, name] of names.all()) if (name !== null) insert.run(id, searchKey(name));
    })();
  }

  return {
    put(id, before, after) {
      if (before === after) return;
      if (after === null) remove.run(id);
      else insert.run(id, searchKey(after));
    },
    drop: (id) => void remove.run(id),
    search(words) {
      let statement = searches.get(words.length);
      if (statement === undefined) {
        const conditions = words.map(() => 'instr(folded, ?) > 0').join(' AND ');
        statement = database
          .prepare<(string | number)[], [number, string]>(
            `SELECT id, folded FROM found_name WHERE ${conditions} LIMIT ?`,
          )
          .raw();
        searches.set(words.length, statement);
      }
      return statement
        .all(...words, MOST_RANKED)
        .map(([id, folded]) => ({ id, length: folded.length, rank: matchRank(folded, words) }))
        .sort((a, b) => a.rank - b.rank || a.length - b.length || a.id - b.id)
        .map(({ id }) => id);
    },
  };
}
