import { checkAuthor } from './check-author.ts';
import { checkCheckpoint } from './check-checkpoint.ts';
import { checkChangeset } from './check-changeset.ts';
import { checkEpoch, checkGenesis, checkMember, checkPin } from './check-members.ts';
import type { CheckResult } from './check-result.ts';
import type { EntryView } from './entry-view.ts';
import type { ParsedEntry } from './parsed-entry.ts';

/**
 * The one predicate: may this entry follow this head? Pure; run by the server in its commit transaction and by every client. The view must
 * hold everything that `needs` asked for.
 */
export function check(entry: ParsedEntry, view: EntryView): CheckResult {
  if (entry.type === 'genesis') return checkGenesis(entry, view);
  const verdict = checkAuthor(entry, view);
  if (verdict !== undefined) return verdict;
  switch (entry.type) {
    case 'changeset':
      return checkChangeset(entry, view);
    case 'member':
      return checkMember(entry, view);
    case 'epoch':
      return checkEpoch(entry, view);
    case 'pin':
      return checkPin(entry, view);
    case 'checkpoint':
      return checkCheckpoint(entry, view);
  }
}
