import type { Cell } from './database.ts';

/** What the database threads are asked. `batch` runs one statement for every row. */
export type SqliteRequest =
  | { readonly id: number; readonly kind: 'query'; readonly sql: string; readonly cells: readonly Cell[] }
  | { readonly id: number; readonly kind: 'batch'; readonly sql: string; readonly batch: PackedRows }
  | { readonly id: number; readonly kind: 'rollback' }
  | { readonly id: number; readonly kind: 'close' };

export type SqliteAnswer =
  | { readonly id: number; readonly rows: readonly Record<string, unknown>[]; readonly changes: number }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };

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
