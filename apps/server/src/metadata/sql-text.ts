import type { OnConflict } from './database.ts';
import type { Tables } from './tables.ts';

/* SQL that both databases write alike. */

export function quoted(name: string): string {
  return `"${name}"`;
}

/** What an INSERT ends with. */
export function conflictClause<T extends keyof Tables>(onConflict: OnConflict<T>): string {
  if (onConflict === 'fail') return '';
  if (onConflict === 'keep') return ' on conflict do nothing';
  const updates = onConflict.update.map((column) => `${quoted(column)} = excluded.${quoted(column)}`);
  return ` on conflict (${onConflict.keys.map(quoted).join(', ')}) do update set ${updates.join(', ')}`;
}

/** A SELECT of the rows whose `keys` equal its `?`, for a dialect's selectEach. */
export function selectByKeys(table: string, columns: readonly string[], keys: readonly string[]): string {
  const condition = keys.map((key) => `${quoted(key)} = ?`).join(' and ');
  return `select ${columns.map(quoted).join(', ')} from ${quoted(table)} where ${condition}`;
}
