import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceStatus } from '@onefold/control';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { useAsking } from '../parts/session-context.tsx';

interface RenameDialogProps {
  readonly device: DeviceStatus;
  readonly onClose: () => void;
}

export function RenameDialog({ device, onClose }: RenameDialogProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(device.name);
  const { ask, isBusy, failure, dismiss } = useAsking();
  const rename = async () => {
    if ((await ask('renameDevice', { device: device.id, name: name.trim() })) !== null) onClose();
  };
  return (
    <Dialog title={t('devices.renameTitle', { name: device.name })} onClose={onClose}>
      <form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          void rename();
        }}
      >
        <Field label={t('devices.name')} hint={t('devices.nameHint')}>
          {(ties) => <TextInput value={name} onValue={setName} maxLength={100} autoFocus {...ties} />}
        </Field>
        <FailureNote failure={failure} onDismiss={dismiss} />
        <footer className="dialog-actions">
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" disabled={isBusy || name.trim() === ''}>
            {t('devices.rename')}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
