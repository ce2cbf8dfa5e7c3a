import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { useAsking } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';

interface MoveServerDialogProps {
  readonly address: string;
  readonly onClose: () => void;
  readonly onMoved: () => void;
}

/** Where the account's server is found, after it or its computer got another address. */
export function MoveServerDialog({ address, onClose, onMoved }: MoveServerDialogProps) {
  const { t } = useTranslation();
  const tell = useTell();
  const [typed, setTyped] = useState(address);
  const { ask, isBusy, failure, dismiss } = useAsking();
  const isAddress = /^https?:\/\/[^\s/]/u.test(typed.trim());
  const isThere = failure === null || failure.code !== 'not-found';

  async function move(): Promise<void> {
    if (!isAddress || isBusy) return;
    if ((await ask('moveServer', { server: typed.trim() })) === null) return;
    tell(t('account.moved'));
    onMoved();
    onClose();
  }

  return (
    <Dialog
      title={t('account.moveTitle')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" disabled={!isAddress || isBusy} onClick={() => void move()}>
            {t('account.move')}
          </Button>
        </>
      }
    >
      <p>{t('account.moveWhat')}</p>
      <Field
        label={t('account.moveAddress')}
        hint={t('setup.serverHint')}
        error={isThere ? null : t('account.moveNotThere')}
      >
        {(ties) => (
          <TextInput
            value={typed}
            onValue={setTyped}
            onKeyDown={(event) => {
              if (event.key === 'Enter') void move();
            }}
            {...ties}
          />
        )}
      </Field>
      <FailureNote failure={isThere ? failure : null} onDismiss={dismiss} invalid={t('account.moveInvalid')} />
    </Dialog>
  );
}
