import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/*
 * A state that cannot be read is no loss: it is made anew from disk and journal. What was damaged stays beside it for whoever wants to look.
 *
 *   FILE  --found damaged while open: FILE.is-damaged is written--> closed --opened again--> FILE.damaged, and a fresh FILE
 *         --cannot be opened-----------------------------------------------------------------^
 */

const suffixes = ['-wal', '-shm', '-journal'] as const;

/** Remembers over a restart that this state must not be used again. */
export function markDamaged(file: string): void {
  writeFileSync(`${file}.is-damaged`, '');
}

/** Moves a state away that was marked. True when there was one. */
export function setAsideIfMarked(file: string): boolean {
  if (!existsSync(`${file}.is-damaged`)) return false;
  setAside(file);
  return true;
}

/** Moves a state away; an earlier one that lies there makes way. */
export function setAside(file: string): void {
  if (existsSync(file)) renameSync(file, `${file}.damaged`);
  // A write-ahead log applied to another database would damage that one.
  for (const suffix of suffixes) rmSync(`${file}${suffix}`, { force: true });
  rmSync(`${file}.is-damaged`, { force: true });
}

/** The last process that had it open did not close it. */
export function wasLeftOpen(file: string): boolean {
  try {
    return statSync(`${file}-wal`).size > 0;
  } catch {
    return false;
  }
}
