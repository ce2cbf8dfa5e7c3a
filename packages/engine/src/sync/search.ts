import { searchWords } from '../core/search-names.ts';
import type { RelPath } from '../core/tree.ts';
import { listedNow, pathOf, type ListedEntry } from './browse.ts';
import type { Session } from './session.ts';

export interface FoundEntry extends ListedEntry {
  readonly path: RelPath;
}

/** Entries whose name holds every word of a text, the best match first. `isDeleted`: what was deleted and is not here, else what is there. */
export async function searchNames(
  session: Session,
  text: string,
  isDeleted: boolean,
  limit: number,
): Promise<FoundEntry[]> {
  const words = searchWords(text);
  if (words.length === 0) return [];
  const found: FoundEntry[] = [];
  for (const row of await session.ports.store.named(words, isDeleted, limit)) {
    const path = await pathOf(session, row);
    if (path !== null) found.push({ ...listedNow(session, row), path });
  }
  return found;
}
