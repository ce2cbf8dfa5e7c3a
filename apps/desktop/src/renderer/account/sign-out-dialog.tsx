import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { useAsking, useModelPart } from '../parts/session-context.tsx';

export function SignOutDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const unsafe = useModelPart(({ status }) => status?.notYetSafe ?? 0);
  const { ask, isBusy, failure, dismiss } = useAsking();
  return (
    <Dialog
      title={t('account.signOutTitle')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="danger" disabled={isBusy} onClick={() => void ask('signOut', {})}>
            {t('account.signOut')}
          </Button>
        </>
      }
    >
      <p>{t('account.signOutFolders')}</p>
      {unsafe > 0 && <p className="amber">{t('account.signOutUnsafe', { count: unsafe })}</p>}
      <p className="quiet">{t('account.signOutBack')}</p>
      <FailureNote failure={failure} onDismiss={dismiss} />
    </Dialog>
  );
}
