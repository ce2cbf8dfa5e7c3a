import { useTranslation } from 'react-i18next';
import type { DeviceStatus } from '@onefold/control';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { useAsking } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';

interface RevokeDialogProps {
  readonly device: DeviceStatus;
  readonly onClose: () => void;
}

/** Says what removing a device does, and what it cannot do, before it is done for good. */
export function RevokeDialog({ device, onClose }: RevokeDialogProps) {
  const { t } = useTranslation();
  const tell = useTell();
  const { ask, isBusy, failure, dismiss } = useAsking();
  const { name } = device;
  const revoke = async () => {
    if ((await ask('revokeDevice', { device: device.id })) === null) return;
    tell(t('devices.revoked', { name }));
    onClose();
  };
  return (
    <Dialog
      title={t('devices.revokeTitle', { name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="danger" disabled={isBusy} onClick={() => void revoke()}>
            {t('devices.revokeOne', { name })}
          </Button>
        </>
      }
    >
      <p>{t('devices.revokeWhat', { name })}</p>
      <p className="quiet">{t('devices.revokeStays')}</p>
      <FailureNote failure={failure} onDismiss={dismiss} />
    </Dialog>
  );
}
