import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { check, damage, differences, dump, filesOf, mustBeFound, seeded, type SoundFolder } from './random-damage.ts';

/** Where damage in a table is told: by what it is compared with. Anything may make the database itself stumble. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  user_chain: ['chain', 'state'],
  user: ['chain', 'state'],
  device: ['state'],
  entry: ['journal', 'state'],
  pack: ['pack', 'block', 'state'],
  block: ['block', 'pack', 'state'],
};

export interface Damaged {
  readonly seed: number;
  /** What was done to which file. */
  readonly done: readonly string[];
  /** Damage that had to be named, by what it is in, and what of it was not. */
  readonly due: readonly string[];
  readonly missed: readonly string[];
  /** Kinds of damage that were named, with how many of each. */
  readonly named: Readonly<Record<string, number>>;
}

/** Damages every file of a folder at once, the database's log and its index too, and looks whether each damage is named for what it is. */
export async function damageAll(sound: SoundFolder, data: string, seed: number): Promise<Damaged> {
  rmSync(data, { recursive: true, force: true });
  cpSync(sound.running, data, { recursive: true });
  const below = seeded(seed);
  const due: string[] = [];
  const done: string[] = [];
  const log = 'metadata.db-wal';
  for (const name of filesOf(data).sort()) {
    const path = join(data, name);
    const original = readFileSync(path);
    const what = damage(path, below);
    done.push(`${name}: ${what}`);
    const isGone = !existsSync(path);
    if (!isGone && readFileSync(path).equals(original)) continue;
    if (name.startsWith('packs') && name.endsWith('.pack')) due.push(isGone ? `${name} gone` : name);
    // The end of a log that is cut off or gone leaves nothing behind that tells of it: an older state, whole in itself.
    if (name === log && !isGone && isHitIn(original, readFileSync(path))) due.push(log);
  }
  // Opened as it is: what the database says of itself, with the part of its log that it can read.
  const copy = `${data}-copy`;
  rmSync(copy, { recursive: true, force: true });
  cpSync(data, copy, { recursive: true });
  const stillNamed = packsIn(copy);
  // What the log tells as far as it can be read, on the file as it was: older than before where its end is lost, and whole in itself.
  const older = `${data}-older`;
  rmSync(older, { recursive: true, force: true });
  cpSync(data, older, { recursive: true });
  rmSync(join(older, 'metadata.db-shm'), { force: true });
  cpSync(join(sound.running, 'metadata.db'), join(older, 'metadata.db'));
  const inTables = differences(dump(older), copy);
  rmSync(older, { recursive: true, force: true });
  rmSync(copy, { recursive: true, force: true });
  const report = await check(data);
  const named: Record<string, number> = {};
  for (const { what } of report.damage) named[what] = (named[what] ?? 0) + 1;
  const missed = due.filter((name) => {
    if (name === log) return !report.damage.some(({ what, text }) => what === 'database' && /\blog\b/.test(text));
    const pack = /(\w+)\.\w+\.pack/.exec(name)?.[1] ?? name;
    // That one is gone only rows can tell which are there still.
    if (name.endsWith(' gone') && !stillNamed.has(pack)) return false;
    return !report.damage.some(({ what, text }) => what === 'pack' && text.includes(pack));
  });
  const tables = new Set((inTables ?? ['database.*']).filter(mustBeFound).map((one) => one.split('.')[0] ?? ''));
  for (const table of tables) {
    due.push(`table ${table}`);
    const kinds = ['database', ...(KINDS[table] ?? ['journal', 'state', 'chain', 'block'])];
    if (!kinds.some((kind) => named[kind] !== undefined)) missed.push(`table ${table}`);
  }
  return { seed, done, due, missed, named };
}

/** Packs that the rows of a database name, as far as these can be read. */
function packsIn(data: string): ReadonlySet<string> {
  try {
    const rows = dump(data).get('pack') ?? [];
    return new Set(rows.map((row) => Buffer.from(row['pack'] as Uint8Array).toString('hex')));
  } catch {
    return new Set();
  }
}

/** Whether one of the frames that stand is another, and a frame of the same log still stands there or behind. Frames of before have other salts, and nobody reads them. */
function isHitIn(original: Buffer, now: Buffer): boolean {
  if (!now.subarray(0, 32).equals(original.subarray(0, 32))) return now.length >= 32;
  const frameBytes = 24 + original.readUInt32BE(8);
  const isOfThisLog = (log: Buffer, at: number): boolean =>
    log.subarray(at + 8, at + 16).equals(original.subarray(16, 24));
  let isHit = false;
  for (let at = 32; isOfThisLog(original, at) && at + frameBytes <= now.length; at += frameBytes) {
    isHit ||= !now.subarray(at, at + frameBytes).equals(original.subarray(at, at + frameBytes));
    if (isHit && isOfThisLog(now, at)) return true;
  }
  return false;
}
