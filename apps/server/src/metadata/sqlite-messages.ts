import type { Cell } from './database.ts';

/** What the database threads are asked. `batch` runs one statement for every row. */
export type SqliteRequest =
  | { readonly id: number; readonly kind: 'query'; readonly sql: string; readonly cells: readonly Cell[] }
  | { readonly id: number; readonly kind: 'batch'; readonly sql: string; readonly batch: PackedRows }
  | { readonly id: number; readonly kind: 'rollback' }
  | { readonly id: number; readonly kind: 'close' };

export type SqliteAnswer =
  | { readonly id: number; readonly rows: AnswerRows; readonly changes: number }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };

/** Many rows travel packed: a clone of thousands of small byte cells costs more than reading them from the file. */
export type AnswerRows =
  readonly Record<string, unknown>[] | { readonly columns: readonly string[]; readonly packed: PackedRows };

export interface SqliteThreadOptions {
  readonly file: string;
  readonly role: 'writer' | 'reader';
}

/** Rows whose byte cells travel in one buffer, which moves between threads without a copy per cell. */
export interface PackedRows {
  readonly width: number;
  readonly count: number;
  readonly cells: readonly (string | number | null)[];
  /** Length of each byte cell in row-major order, -1 where the cell is in `cells`. */
  readonly lengths: Int32Array<ArrayBuffer>;
  readonly bytes: ArrayBuffer;
}

export function packRows(rows: readonly (readonly Cell[])[]): PackedRows {
  const width = rows[0]?.length ?? 0;
  const lengths = new Int32Array(rows.length * width).fill(-1);
  const cells: (string | number | null)[] = [];
  let total = 0;
  for (const row of rows) for (const cell of row) if (cell instanceof Uint8Array) total += cell.length;
  const bytes = new Uint8Array(total);
  let offset = 0;
  let at = 0;
  for (const row of rows) {
    for (const cell of row) {
      if (cell instanceof Uint8Array) {
        bytes.set(cell, offset);
        offset += cell.length;
        lengths[at] = cell.length;
      } else cells.push(cell);
      at++;
    }
  }
  return { width, count: rows.length, cells, lengths, bytes: bytes.buffer };
}

/** Yields each row as parameters for a statement. The byte cells are views of the one buffer. */
export function* unpackRows(packed: PackedRows): Generator<Cell[]> {
  let cell = 0;
  let offset = 0;
  for (let row = 0; row < packed.count; row++) {
    const values: Cell[] = [];
    for (let column = 0; column < packed.width; column++) {
      const length = packed.lengths[row * packed.width + column] ?? -1;
      if (length === -1) values.push(packed.cells[cell++] ?? null);
      else {
        values.push(Buffer.from(packed.bytes, offset, length));
        offset += length;
      }
    }
    yield values;
  }
}

const PACKED_FROM_ROWS = 16;

/** Rows of one statement, as they travel best, and the buffers that go with them. */
export function packAnswer(rows: readonly Record<string, unknown>[]): { rows: AnswerRows; transfer: ArrayBuffer[] } {
  const [first] = rows;
  if (first === undefined || rows.length < PACKED_FROM_ROWS) return { rows, transfer: [] };
  const columns = Object.keys(first);
  const packed = packRows(rows.map((row) => columns.map((column) => row[column] as Cell)));
  return { rows: { columns, packed }, transfer: [packed.bytes, packed.lengths.buffer] };
}

/** Byte cells are arrays of their own, as in answers that are not packed: one that is kept must not keep the whole answer alive. */
export function unpackAnswer(rows: AnswerRows): readonly Record<string, unknown>[] {
  if (!('packed' in rows)) return rows;
  const { columns, packed } = rows;
  return Array.from(unpackRows(packed), (cells) => {
    const row: Record<string, unknown> = {};
    columns.forEach((column, at) => {
      const cell = cells[at];
      row[column] = cell instanceof Uint8Array ? new Uint8Array(cell) : cell;
    });
    return row;
  });
}
