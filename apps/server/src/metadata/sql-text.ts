import { sql, type RawBuilder } from 'kysely';
import type { OnConflict, Reader } from './database.ts';
import { NODE_COLUMNS, type NodeColumn, type NodeTable, type Tables } from './tables.ts';

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

/**
 * Nodes and all that is above them. `lookUp` joins `above`, the row of the node `up.node`. Ids alone are carried upwards: they are compared with all that came
 * before, `union` and not `union all`, so that a node above several is visited once, and whole rows would make that several times as dear.
 * What is beyond `most` rows is not looked up.
 */
export function climb(
  reader: Reader,
  namespace: Uint8Array,
  nodes: readonly Uint8Array[],
  most: number,
  lookUp: RawBuilder<unknown>,
): Promise<Pick<NodeTable, NodeColumn>[]> {
  const columns = sql.join(NODE_COLUMNS.map((column) => sql.ref(`above.${column}`)));
  return sql<Pick<NodeTable, NodeColumn>>`with recursive up(node) as (
      select node.node from node where node.namespace = ${namespace} and node.node in (${sql.join(nodes)})
      union
      select above.parent from up ${lookUp})
    select ${columns} from up ${lookUp} limit ${sql.lit(most)}`
    .execute(reader)
    .then(({ rows }) => rows);
}

/** A SELECT of the rows whose `keys` equal its `?`, for a dialect's selectEach. */
export function selectByKeys(table: string, columns: readonly string[], keys: readonly string[]): string {
  const condition = keys.map((key) => `${quoted(key)} = ?`).join(' and ');
  return `select ${columns.map(quoted).join(', ')} from ${quoted(table)} where ${condition}`;
}
