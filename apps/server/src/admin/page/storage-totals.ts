import type { Reader } from '../../metadata/database.ts';
import { BLOCK_CONDEMNED, BLOCK_LOST } from '../../metadata/tables.ts';

export interface StorageTotals {
  readonly packs: number;
  readonly packBytes: number;
  readonly blocks: number;
  readonly condemnedBlocks: number;
  readonly lostBlocks: number;
}

/** Counting goes through every pack and block: it is kept for so many times as long as it took. */
const KEPT_FOR = 100;
const MOST_KEPT_MS = 600_000;

/** Answers the totals, at most a hundredth of the time behind them: what is small is counted whenever it is asked for, what takes seconds every few minutes. */
export function createStorageTotals(reader: Reader, elapsedMs: () => number): () => Promise<StorageTotals> {
  let known: { readonly totals: StorageTotals; readonly untilMs: number } | undefined;
  let counting: Promise<StorageTotals> | undefined;
  const count = async (): Promise<StorageTotals> => {
    const beganAtMs = elapsedMs();
    const totals = await countStorage(reader);
    const endedAtMs = elapsedMs();
    known = { totals, untilMs: endedAtMs + Math.min(MOST_KEPT_MS, KEPT_FOR * (endedAtMs - beganAtMs)) };
    return totals;
  };
  return async () => {
    if (known !== undefined && elapsedMs() < known.untilMs) return known.totals;
    // Whoever asks meanwhile waits for the same.
    counting ??= count().finally(() => (counting = undefined));
    return counting;
  };
}

async function countStorage(reader: Reader): Promise<StorageTotals> {
  const packs = await reader
    .selectFrom('pack')
    .select((eb) => [
      eb.fn.countAll<number | string>().as('count'),
      eb.fn.coalesce(eb.fn.sum<number | string>('size_bytes'), eb.lit(0)).as('bytes'),
    ])
    .executeTakeFirstOrThrow();
  const states = await reader
    .selectFrom('block')
    .select(['state', (eb) => eb.fn.countAll<number | string>().as('count')])
    .groupBy('state')
    .execute();
  const inState = (state: number): number => Number(states.find((row) => row.state === state)?.count ?? 0);
  return {
    packs: Number(packs.count),
    packBytes: Number(packs.bytes),
    blocks: states.reduce((sum, row) => sum + Number(row.count), 0),
    condemnedBlocks: inState(BLOCK_CONDEMNED),
    lostBlocks: inState(BLOCK_LOST),
  };
}
