import type Database from 'better-sqlite3';
import type { Side } from '../../ports.ts';
import { openFoundNames } from './found-names.ts';
import { nameOf, SIDE_COLUMNS, type FlatRow, type SqlValue } from './row-columns.ts';

/* The tables of nodes, inside the worker. Synchronous; throws what SQLite throws. */

export interface Counts {
  readonly files: number;
  readonly folders: number;
  readonly unsettled: number;
  readonly notYetSafe: number;
  readonly bytesToMove: number;
}

export interface NodeTable {
  put(rows: readonly FlatRow[]): void;
  remove(nodes: readonly string[]): void;
  /** Every row, in the order of ids. */
  all(): FlatRow[];
  byNode(nodes: readonly string[]): (FlatRow | undefined)[];
  /** Rows whose `side` fulfils `condition` (SQL over that side's table), in the order of node ids. */
  bySide(side: Side, condition: string, values: readonly SqlValue[], limit?: number): FlatRow[];
  nodesBySide(side: Side, condition: string, values: readonly SqlValue[]): string[];
  /** Rows whose `side` fulfils `condition`, in the order of their names on that side. */
  byName(side: Side, condition: string, values: readonly SqlValue[], limit: number): FlatRow[];
  /** Rows whose name holds all of `words`, the best match first, as far as `isWanted`. */
  named(words: readonly string[], isWanted: (row: FlatRow) => boolean, limit: number): FlatRow[];
  /** At most `limit` rows after the `after`th, and which comes last. */
  slice(after: number, limit: number): { rows: FlatRow[]; last: number | null };
  unsettled(limit: number, after: string | null): FlatRow[];
  counts(): Counts;
  /** After a rolled back transaction the running totals are wrong. */
  recount(): void;
}

const SIDES = ['local', 'remote', 'synced'] as const;
const FOLDER = 1;
/** Both halves of the index over (unsettled, node). */
const NODE_IS = 'unsettled IN (0, 1) AND node = unhex(?)';

interface Found {
  readonly id: number;
  readonly unsettled: number;
  readonly unsafe: number;
  readonly bytesToMove: number;
}

export function openNodeTable(database: Database.Database): NodeTable {
  const sides = {
    local: openSide(database, 'local'),
    remote: openSide(database, 'remote'),
    synced: openSide(database, 'synced'),
  };
  const names = openFoundNames(database);
  const find = database.prepare<[string], Found>(
    `SELECT id, unsettled, unsafe, bytes_to_move AS bytesToMove FROM node WHERE ${NODE_IS}`,
  );
  const insert = database.prepare<[string, number, number, number]>(
    'INSERT INTO node (node, unsettled, unsafe, bytes_to_move) VALUES (unhex(?), ?, ?, ?)',
  );
  const setFlags = database.prepare<[number, number, number, number]>(
    'UPDATE node SET unsettled = ?, unsafe = ?, bytes_to_move = ? WHERE id = ?',
  );
  const drop = database.prepare<[number]>('DELETE FROM node WHERE id = ?');
  const whole = database
    .prepare<[number], [string, number, number, number]>(
      'SELECT lower(hex(node)), unsettled, unsafe, bytes_to_move FROM node WHERE id = ?',
    )
    .raw();
  const ids = (sql: string) => database.prepare<SqlValue[], number>(sql).pluck();
  const allIds = ids('SELECT id FROM node ORDER BY id');
  const unsettledIds = ids('SELECT id FROM node WHERE unsettled = 1 AND node > unhex(?) ORDER BY node LIMIT ?');
  const sliceIds = ids('SELECT id FROM node WHERE id > ? ORDER BY id LIMIT ?');
  const kindTotals = database
    .prepare<[], [number, number]>('SELECT kind, count(*) FROM local_node GROUP BY kind')
    .raw();
  const flagTotals = database
    .prepare<[], [number, number, number]>(
      'SELECT coalesce(sum(unsettled), 0), coalesce(sum(unsafe), 0), coalesce(sum(bytes_to_move), 0) FROM node',
    )
    .raw();
  const bySideStatements = new Map<string, Database.Statement<SqlValue[], number>>();

  let totals = { files: 0, folders: 0, unsettled: 0, notYetSafe: 0, bytesToMove: 0 };

  function countKind(local: readonly SqlValue[] | null, times: number): void {
    if (local === null) return;
    if (Number(local[0]) === FOLDER) totals.folders += times;
    else totals.files += times;
  }

  function recount(): void {
    totals = { files: 0, folders: 0, unsettled: 0, notYetSafe: 0, bytesToMove: 0 };
    for (const [kind, times] of kindTotals.all()) {
      if (kind === FOLDER) totals.folders += times;
      else totals.files += times;
    }
    const [unsettled, unsafe, bytesToMove] = flagTotals.get() ?? [0, 0, 0];
    totals.unsettled = unsettled;
    totals.notYetSafe = unsafe;
    totals.bytesToMove = bytesToMove;
  }
  recount();

  function rowOf(id: number): FlatRow {
    const [node, unsettled, unsafe, bytesToMove] = whole.get(id) as [string, number, number, number];
    return [node, unsettled, unsafe, bytesToMove, sides.local.read(id), sides.remote.read(id), sides.synced.read(id)];
  }

  function idsBySide(side: Side, condition: string, values: readonly SqlValue[], limit: number): number[] {
    const key = `${side} ${condition}`;
    let statement = bySideStatements.get(key);
    if (statement === undefined) {
      statement = ids(`SELECT id FROM ${side}_node WHERE ${condition} LIMIT ?`);
      bySideStatements.set(key, statement);
    }
    return statement.all(...values, limit);
  }

  /** Few rows nearly always: sorting here spares every look-up a join and a sorter of its own. */
  function inOrder(rows: FlatRow[]): FlatRow[] {
    return rows.length < 2 ? rows : rows.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  function put(rows: readonly FlatRow[]): void {
    for (const [node, unsettled, unsafe, bytesToMove, ...values] of rows) {
      const found = find.get(node);
      const id = found?.id ?? Number(insert.run(node, unsettled, unsafe, bytesToMove).lastInsertRowid);
      const isOther = found?.unsettled !== unsettled || found.unsafe !== unsafe || found.bytesToMove !== bytesToMove;
      if (found !== undefined && isOther) setFlags.run(unsettled, unsafe, bytesToMove, id);
      totals.unsettled += unsettled - (found?.unsettled ?? 0);
      totals.notYetSafe += unsafe - (found?.unsafe ?? 0);
      totals.bytesToMove += bytesToMove - (found?.bytesToMove ?? 0);
      const [local, remote] = values;
      const befores = SIDES.map((side) => (found === undefined ? null : sides[side].read(id)));
      names.put(id, nameOf(befores[0] ?? null, befores[1] ?? null), nameOf(local, remote));
      SIDES.forEach((side, i) => {
        const before = befores[i] ?? null;
        const after = values[i] ?? null;
        if (side === 'local') {
          countKind(before, -1);
          countKind(after, 1);
        }
        sides[side].write(id, before, after);
      });
    }
  }

  function remove(nodes: readonly string[]): void {
    for (const node of nodes) {
      const found = find.get(node);
      if (found === undefined) continue;
      countKind(sides.local.read(found.id), -1);
      totals.unsettled -= found.unsettled;
      totals.notYetSafe -= found.unsafe;
      totals.bytesToMove -= found.bytesToMove;
      for (const side of SIDES) sides[side].drop(found.id);
      names.drop(found.id);
      drop.run(found.id);
    }
  }

  return {
    put,
    remove,
    all: () => allIds.all().map(rowOf),
    byNode: (nodes) =>
      nodes.map((node) => {
        const found = find.get(node);
        return found === undefined ? undefined : rowOf(found.id);
      }),
    bySide: (side, condition, values, limit = -1) => inOrder(idsBySide(side, condition, values, limit).map(rowOf)),
    nodesBySide: (side, condition, values) => idsBySide(side, condition, values, -1).map((id) => whole.get(id)![0]),
    byName: (side, condition, values, limit) => idsBySide(side, `${condition} ORDER BY name`, values, limit).map(rowOf),
    named(words, isWanted, limit) {
      const rows: FlatRow[] = [];
      for (const id of names.search(words)) {
        if (rows.length >= limit) break;
        const row = rowOf(id);
        if (isWanted(row)) rows.push(row);
      }
      return rows;
    },
    slice(after, limit) {
      const ids = sliceIds.all(after, limit);
      return { rows: ids.map(rowOf), last: ids.length < limit ? null : ids.at(-1) };
    },
    unsettled: (limit, after) => unsettledIds.all(after ?? '', limit).map(rowOf),
    counts: () => ({ ...totals }),
    recount,
  };
}

/** One side's table: rows by id, written only where a value differs. */
function openSide(database: Database.Database, side: Side) {
  const columns = SIDE_COLUMNS[side];
  const names = columns.map(([name]) => name);
  const places = columns.map(([, type]) => (type === 'id' ? "unhex(nullif(?, ''))" : '?'));
  const selected = columns.map(([name, type]) => (type === 'id' ? `lower(hex(${name}))` : name));
  const table = `${side}_node`;
  const select = database
    .prepare<[number], SqlValue[]>(`SELECT ${selected.join(', ')} FROM ${table} WHERE id = ?`)
    .raw()
    .safeIntegers();
  const insert = database.prepare<SqlValue[]>(
    `INSERT INTO ${table} (${names.join(', ')}, id) VALUES (${places.join(', ')}, ?)`,
  );
  const remove = database.prepare<[number]>(`DELETE FROM ${table} WHERE id = ?`);
  const update = database.prepare<SqlValue[]>(
    `UPDATE ${table} SET ${names.map((name, i) => `${name} = ${places[i]!}`).join(', ')} WHERE id = ?`,
  );

  return {
    read: (id: number): readonly SqlValue[] | null => select.get(id) ?? null,
    write(id: number, before: readonly SqlValue[] | null, after: readonly SqlValue[] | null): void {
      if (after === null) {
        if (before !== null) remove.run(id);
      } else if (before === null) insert.run(...after, id);
      else if (!areEqual(before, after)) update.run(...after, id);
    },
    drop: (id: number): void => void remove.run(id),
  };
}

/** What was read has bigints where what is to be written may have numbers. */
function areEqual(before: readonly SqlValue[], after: readonly SqlValue[]): boolean {
  return after.every((value, i) => {
    const old = before[i]!;
    return old === value || (typeof old === 'bigint' && typeof value === 'number' && Number(old) === value);
  });
}
