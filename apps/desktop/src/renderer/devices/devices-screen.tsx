import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceStatus } from '@onefold/control';
import { DeviceHead, DeviceTruth } from '../home/device-list.tsx';
import { Button } from '../parts/button.tsx';
import { PageHeading } from '../parts/page-heading.tsx';
import { useAnswer, useModelPart } from '../parts/session-context.tsx';
import { LinkDialog } from './link-dialog.tsx';
import { RenameDialog } from './rename-dialog.tsx';
import { RevokeDialog } from './revoke-dialog.tsx';
import { VerifyDialog } from './verify-dialog.tsx';

type Opened =
  { readonly kind: 'rename' | 'verify' | 'revoke'; readonly device: DeviceStatus } | { readonly kind: 'link' };

/** Every device of the account: when it was last in step, what it is called, and whether it is to stay. */
export function DevicesScreen() {
  const { t } = useTranslation();
  const known = useModelPart(({ devices }) => devices);
  const [opened, setOpened] = useState<Opened | null>(null);
  const [turn, setTurn] = useState(0);
  // Asked anew after what was done here; what comes from elsewhere is told to the model.
  const { answer } = useAnswer('devices', {}, turn, known.map(({ id }) => id).join());
  const devices = [...(answer?.devices ?? known)].sort((a, b) => Number(b.here) - Number(a.here));
  const isVerifiedHere = devices.some(({ here, verified }) => here && verified);
  const close = () => {
    setOpened(null);
    setTurn((before) => before + 1);
  };
  return (
    <div className="page">
      <PageHeading
        title={t('devices.title')}
        detail={t('devices.detail')}
        actions={
          <Button kind="primary" icon="plus" onClick={() => setOpened({ kind: 'link' })}>
            {t('devices.link')}
          </Button>
        }
      />
      <ul className="rows" aria-label={t('devices.title')}>
        {devices.map((device) => (
          <li key={device.id} className="row row-device">
            <DeviceHead device={device}>
              {!device.verified && <p className="row-words amber">{t('devices.unverified')}</p>}
            </DeviceHead>
            <span className="row-end figures">
              <DeviceTruth device={device} />
            </span>
            <span className="device-actions">
              {!device.verified && !device.here && isVerifiedHere && (
                <Button
                  kind="quiet"
                  aria-label={t('devices.verifyOne', { name: device.name })}
                  onClick={() => setOpened({ kind: 'verify', device })}
                >
                  {t('devices.verify')}
                </Button>
              )}
              <Button
                kind="quiet"
                aria-label={t('devices.renameOne', { name: device.name })}
                onClick={() => setOpened({ kind: 'rename', device })}
              >
                {t('devices.rename')}
              </Button>
              {!device.here && (
                <Button
                  kind="quiet"
                  aria-label={t('devices.revokeOne', { name: device.name })}
                  onClick={() => setOpened({ kind: 'revoke', device })}
                >
                  {t('devices.revoke')}
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
      {opened?.kind === 'link' && <LinkDialog onClose={close} />}
      {opened?.kind === 'rename' && <RenameDialog device={opened.device} onClose={close} />}
      {opened?.kind === 'verify' && <VerifyDialog device={opened.device} onClose={close} />}
      {opened?.kind === 'revoke' && <RevokeDialog device={opened.device} onClose={close} />}
    </div>
  );
}
