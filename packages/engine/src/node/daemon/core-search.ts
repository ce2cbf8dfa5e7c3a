import { byFolder, toListed } from './core-browse.ts';
import type { FolderRunner } from './folder-runner.ts';
import type { ListedPath } from './shapes.ts';

export interface SearchArgs {
  readonly text: string;
  readonly folder?: string | undefined;
  readonly deleted?: boolean | undefined;
  readonly limit: number;
}

export interface FoundPath extends ListedPath {
  folder: string;
  isDeleted: boolean;
}

/** Of one folder or of all that can be had just now: what is there, then what was deleted. */
export async function searchAll(
  runners: readonly FolderRunner[],
  { text, folder, deleted = false, limit }: SearchArgs,
): Promise<{ found: FoundPath[] }> {
  const asked = folder === undefined ? runners : [byFolder(runners, folder)];
  const found: FoundPath[] = [];
  for (const isDeleted of deleted ? [false, true] : [false]) {
    for (const runner of asked) {
      const engine = runner.running()?.engine;
      if (engine === undefined || found.length >= limit) continue;
      for (const entry of await engine.search(text, isDeleted, limit - found.length))
        found.push({ ...toListed(entry, entry.path, false), folder: runner.folder.path, isDeleted });
    }
  }
  return { found };
}
