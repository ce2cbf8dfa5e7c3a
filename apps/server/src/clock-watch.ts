import type { StoreContext } from './context.ts';

/*
 * Retention and collection go by the clock, and what they take is gone: versions; and objects that another node, whose clock is right, is about to record. A clock that
 * jumps, of a machine that has none of its own or whose date was mistyped, must cost neither:
 *
 *   steady   the clock stands a little after where the last look found it
 *   jumped   ahead by more than AHEAD_MS, or back by more than BACK_MS: said in the log
 *   held     for `retention.settleMs` from then on nothing goes by age; a clock that is put right meanwhile has jumped again
 *
 * Where it stood is in the database: all nodes watch one clock, and one that went wrong while no server ran is found too.
 */

const SETTING = 'retention-clock';
const AHEAD_MS = 48 * 3_600_000;
/** Clocks of two nodes may differ by so much: nothing goes by age for hours, and of two that took each other's time for a jump neither would ever let anything go. */
const BACK_MS = 3_600_000;
/** More often it is not written down. */
const NOTED_EVERY_MS = 60_000;
const NOTE_BYTES = 16;

interface Note {
  readonly seenAtMs: number;
  readonly heldUntilMs: number;
}

/** Looks at the clock. False: it has jumped, and nothing may go by age yet. */
export async function isClockSteady(context: StoreContext): Promise<boolean> {
  return (await steadyNow(context)) !== undefined;
}

/** The time, if it may be gone by: what is looked up after that may be another one. */
export async function steadyNow({ metadata, nowMs, config, log }: StoreContext): Promise<number | undefined> {
  const { read, sql } = metadata;
  const row = await read.selectFrom('setting').select('value').where('name', '=', SETTING).executeTakeFirst();
  const now = nowMs();
  const before = row === undefined ? { seenAtMs: now, heldUntilMs: 0 } : noteOf(row.value);
  const hasJumped = now > before.seenAtMs + AHEAD_MS || now < before.seenAtMs - BACK_MS;
  const heldUntilMs = hasJumped ? now + config.retention.settleMs : before.heldUntilMs;
  if (hasJumped)
    log.warn(
      { stoodAt: new Date(before.seenAtMs), standsAt: new Date(now), heldUntil: new Date(heldUntilMs) },
      'the clock has jumped: nothing of the past goes until it has settled',
    );
  if (row === undefined || hasJumped || now - before.seenAtMs >= NOTED_EVERY_MS) {
    const value = bytesOf({ seenAtMs: now, heldUntilMs });
    await metadata.write((writer) =>
      sql.insertMany(writer, 'setting', [{ name: SETTING, value }], { keys: ['name'], update: ['value'] }),
    );
  }
  return now >= heldUntilMs ? now : undefined;
}

/** A note that is damaged is one of long ago: the clock has jumped since. */
function noteOf(value: Uint8Array): Note {
  if (value.length !== NOTE_BYTES) return { seenAtMs: 0, heldUntilMs: 0 };
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return { seenAtMs: view.getFloat64(0), heldUntilMs: view.getFloat64(8) };
}

function bytesOf({ seenAtMs, heldUntilMs }: Note): Uint8Array {
  const view = new DataView(new ArrayBuffer(NOTE_BYTES));
  view.setFloat64(0, seenAtMs);
  view.setFloat64(8, heldUntilMs);
  return new Uint8Array(view.buffer);
}
