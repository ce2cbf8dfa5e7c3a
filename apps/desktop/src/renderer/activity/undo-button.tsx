import { useTranslation } from 'react-i18next';
import type { Activity } from '@onefold/control';
import { splitPath } from '../model/names.ts';
import { undoOf } from '../model/undo.ts';
import { Button } from '../parts/button.tsx';
import { useAsking } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';
import { useFailureWords } from '../parts/failure-note.tsx';

/** Takes one thing back where that is possible: a deletion, or an edit. It adds to the history and removes nothing from it. */
export function UndoButton({ item }: { readonly item: Activity }) {
  const { t } = useTranslation();
  const { ask, isBusy } = useAsking();
  const tell = useTell();
  const failureWords = useFailureWords();
  const undo = undoOf(item);
  if (undo === null) return null;
  const { name } = splitPath(item.path);
  const word = undo === 'bring-back' ? t('activity.bringBack') : t('activity.goBack');

  async function act(): Promise<void> {
    const restored = await ask('restore', { folder: item.folder, path: item.path }, (failure) =>
      tell(failureWords(failure)),
    );
    if (restored !== null) tell(t('activity.broughtBack', { name }));
  }

  return (
    <span className="row-action">
      <Button
        kind="quiet"
        icon="restored"
        disabled={isBusy}
        aria-label={t('activity.undoOf', { word, name })}
        onClick={() => void act()}
      >
        {word}
      </Button>
    </span>
  );
}
