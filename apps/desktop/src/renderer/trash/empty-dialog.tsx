import { useTranslation } from 'react-i18next';
import type { CallArgs } from '@onefold/control';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { useAsking } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';
import { formatBytes } from '../words/format.ts';

interface EmptyDialogProps {
  /** What is removed: each as a folder and ids in it. Null: all that lies in the trash here. */
  readonly chosen: readonly Required<CallArgs<'emptyTrash'>>[] | null;
  readonly onClose: () => void;
  readonly onEmptied: () => void;
}

/** Nothing of it can be undone: so it says what goes and what stays, and asks. */
export function EmptyDialog({ chosen, onClose, onEmptied }: EmptyDialogProps) {
  const { t, i18n } = useTranslation();
  const tell = useTell();
  const { ask, isBusy, failure, dismiss } = useAsking();
  const empty = async (): Promise<void> => {
    let sizeBytes = 0;
    for (const args of chosen ?? [{}]) {
      const emptied = await ask('emptyTrash', args);
      if (emptied === null) return onEmptied();
      sizeBytes += emptied.sizeBytes;
    }
    tell(t('trash.emptied', { size: formatBytes(i18n.language, sizeBytes) }));
    onEmptied();
    onClose();
  };
  return (
    <Dialog
      title={t(chosen === null ? 'trash.emptyTitle' : 'trash.removeTitle')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="danger" disabled={isBusy} onClick={() => void empty()}>
            {t('trash.emptyNow')}
          </Button>
        </>
      }
    >
      <p>{t('trash.emptyWhat')}</p>
      <FailureNote failure={failure} onDismiss={dismiss} />
    </Dialog>
  );
}
