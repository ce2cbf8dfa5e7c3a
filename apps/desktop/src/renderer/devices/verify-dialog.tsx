import { useTranslation } from 'react-i18next';
import type { DeviceStatus } from '@onefold/control';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { useAsking } from '../parts/session-context.tsx';

interface VerifyDialogProps {
  readonly device: DeviceStatus;
  readonly onClose: () => void;
}

/** A device that came by password is vouched for by one that was here before. */
export function VerifyDialog({ device, onClose }: VerifyDialogProps) {
  const { t } = useTranslation();
  const { ask, isBusy, failure, dismiss } = useAsking();
  const { name } = device;
  const verify = async () => {
    if ((await ask('verifyDevice', { device: device.id })) !== null) onClose();
  };
  return (
    <Dialog
      title={t('devices.verifyTitle', { name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" disabled={isBusy} onClick={() => void verify()}>
            {t('devices.verify')}
          </Button>
        </>
      }
    >
      <p>{t('devices.verifyWhat', { name })}</p>
      <FailureNote failure={failure} onDismiss={dismiss} />
    </Dialog>
  );
}
