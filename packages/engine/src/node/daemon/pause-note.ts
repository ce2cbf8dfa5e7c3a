import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/*
 * What was said last about pausing, until the list of kept folders says it:
 *
 *   (said) --> noted, acted upon and answered --> in the list --> gone
 *
 * The list is flushed to the disk, and beside an import that takes a disk hundreds of milliseconds. A note is not flushed: it outlives this
 * process at once, and a loss of power from the moment the list has it. What is left torn says nothing.
 */

/** Of one folder, or (`folder` null) of everything. */
export interface PauseAct {
  readonly folder: string | null;
  readonly isPaused: boolean;
}

const noteSchema = z.array(z.object({ folder: z.string().nullable(), isPaused: z.boolean() }));

interface Pausable {
  readonly isPaused: boolean;
  readonly folders: readonly { readonly path: string; readonly isPaused: boolean }[];
}

/** The list as these acts make it, one after the other. */
export function withPauses<R extends Pausable>(registry: R, acts: readonly PauseAct[]): R {
  return acts.reduce((current, act) => withPause(current, act), registry);
}

function withPause<R extends Pausable>(registry: R, { folder, isPaused }: PauseAct): R {
  if (folder !== null) {
    // Where everything is paused, one that is resumed goes on by itself, and the others stay as they are.
    const others = !isPaused && registry.isPaused;
    return {
      ...registry,
      isPaused: registry.isPaused && isPaused,
      folders: registry.folders.map((one) =>
        one.path === folder ? { ...one, isPaused } : { ...one, isPaused: one.isPaused || others },
      ),
    };
  }
  // Resuming everything resumes what was paused by itself too: "resume" leaves nothing standing.
  const folders = isPaused ? registry.folders : registry.folders.map((one) => ({ ...one, isPaused: false }));
  return { ...registry, isPaused, folders };
}

/** Replaces what stands at `file`, without waiting for the disk. Throws what the system says. */
export function writePauses(file: string, acts: readonly PauseAct[]): void {
  const temporary = `${file}.tmp`;
  writeFileSync(temporary, JSON.stringify(acts), { mode: 0o600 });
  renameSync(temporary, file);
}

export function readPauses(file: string): readonly PauseAct[] {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}

/** Takes the note away if it still says what was `taken` into the list. What was said meanwhile stays, in its order. */
export function dropPauses(file: string, taken: readonly PauseAct[]): void {
  if (taken.length > 0 && JSON.stringify(readPauses(file)) === JSON.stringify(taken)) rmSync(file, { force: true });
}
