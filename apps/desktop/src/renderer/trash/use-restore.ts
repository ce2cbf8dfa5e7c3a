import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TrashedEntry } from '@onefold/control';
import { besidePath } from '../model/beside-name.ts';
import { splitPath } from '../model/names.ts';
import { useFailureWords } from '../parts/failure-note.tsx';
import { toFailure, useSession } from '../parts/session-context.tsx';
import type { Failure } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';

interface Restoring {
  /** How many are done of how many; null at rest. */
  readonly progress: { readonly done: number; readonly count: number } | null;
  readonly restore: (entries: readonly TrashedEntry[]) => Promise<void>;
}

/**
 * Brings entries back one after the other and says what became of them. Where something else stands in a place nothing is replaced, and they
 * can be put beside it.
 */
export function useRestore(onRestored: () => void): Restoring {
  const { t } = useTranslation();
  const session = useSession();
  const tell = useTell();
  const failureWords = useFailureWords();
  const [progress, setProgress] = useState<Restoring['progress']>(null);

  const restoreAll = useCallback(
    async (entries: readonly TrashedEntry[], isBeside: boolean): Promise<void> => {
      const back: string[] = [];
      const taken: TrashedEntry[] = [];
      const failed: { readonly entry: TrashedEntry; readonly failure: Failure }[] = [];
      for (const [done, entry] of entries.entries()) {
        setProgress({ done: done + 1, count: entries.length });
        const { folder, id, path } = entry;
        const to = isBeside ? { to: besidePath(path, entry.trashedAtMs ?? Date.now()) } : {};
        try {
          back.push((await session.call('restoreTrash', { folder, id, ...to })).path);
        } catch (thrown) {
          const failure = toFailure(thrown);
          if (failure.code === 'precondition-failed' && !isBeside) taken.push(entry);
          else failed.push({ entry, failure });
        }
      }
      setProgress(null);
      if (back.length > 0) tell(t('trash.restored', { count: back.length, name: splitPath(back[0] ?? '').name }));
      if (taken.length > 0)
        tell(t('trash.taken', { count: taken.length, name: nameOf(taken[0]) }), {
          word: t('trash.beside'),
          onChoose: () => void restoreAll(taken, true),
        });
      const [first] = failed;
      if (first !== undefined)
        tell(
          `${t('trash.failed', { count: failed.length, name: nameOf(first.entry) })} ${failureWords(first.failure)}`,
        );
      onRestored();
    },
    [session, tell, t, failureWords, onRestored],
  );

  return { progress, restore: (entries) => restoreAll(entries, false) };
}

function nameOf(entry: TrashedEntry | undefined): string {
  return splitPath(entry?.path ?? '').name;
}
