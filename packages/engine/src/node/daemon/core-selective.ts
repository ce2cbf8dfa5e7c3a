import type { SelectedFolder } from '../../sync/selection.ts';
import { placeOf } from './core-browse.ts';
import type { FolderRunner } from './folder-runner.ts';
import type { ListArgs } from './shapes.ts';

export interface SelectionArgs {
  folder?: string | undefined;
  untick?: readonly string[] | undefined;
  tick?: readonly string[] | undefined;
}

const PAGE = 1_000;

/** The folders in a folder of the server's tree, and which of them are to be here. Throws `not-found`. */
export async function listSelectionOf(
  runners: readonly FolderRunner[],
  args: ListArgs,
): Promise<{ entries: SelectedFolder[]; next?: string }> {
  const { running, path } = placeOf(runners, args);
  const { entries, next } = await running.engine.selection(path, args.limit ?? PAGE, args.after ?? null);
  return next === null ? { entries: [...entries] } : { entries: [...entries], next };
}

/** Throws what the engine's own setSelection throws. */
export async function select(
  runners: readonly FolderRunner[],
  { folder, untick = [], tick = [] }: SelectionArgs,
): Promise<Record<string, never>> {
  const { runner, running } = placeOf(runners, { folder });
  // Beside a folder or not: these are inside it.
  const inside = (path: string): string => placeOf(runners, { folder: runner.folder.path, path }).path;
  await running.engine.setSelection({ untick: untick.map(inside), tick: tick.map(inside) });
  return {};
}
