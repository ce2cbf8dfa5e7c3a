import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Section } from '../parts/section.tsx';
import { useAnswer, useAsking } from '../parts/session-context.tsx';

/** The server that this computer runs; nothing where it runs none. */
export function OwnServerPart() {
  const { t } = useTranslation();
  const { answer, again } = useAnswer('ownServer', {});
  const [isAsked, setAsked] = useState(false);
  const { ask, isBusy, failure, dismiss } = useAsking();
  const server = answer?.server ?? null;
  if (server === null) return null;
  const stop = async () => {
    if ((await ask('stopServer', {})) === null) return;
    setAsked(false);
    again();
  };
  return (
    <Section title={t('settings.ownServer')}>
      <p className="quiet">{t('settings.ownServerWhat')}</p>
      <dl className="fact-rows">
        <dt>{t('settings.ownServerAddress')}</dt>
        <dd>{server.address}</dd>
        <dt>{t('setup.reach')}</dt>
        <dd>{server.reach === 'here' ? t('setup.reachHere') : t('setup.reachNetwork')}</dd>
        <dt>{t('settings.ownServerFolder')}</dt>
        <dd>{server.folder}</dd>
      </dl>
      {!server.isRunning && <p className="amber">{t('settings.ownServerDown')}</p>}
      {!server.isAtAddress && <p className="amber">{t('settings.ownServerMoved')}</p>}
      <p className="section-act">
        <Button onClick={() => setAsked(true)}>{t('settings.ownServerStop')}</Button>
      </p>
      {isAsked && (
        <Dialog
          title={t('settings.ownServerStopTitle')}
          onClose={() => setAsked(false)}
          actions={
            <>
              <Button onClick={() => setAsked(false)}>{t('action.cancel')}</Button>
              <Button kind="danger" disabled={isBusy} onClick={() => void stop()}>
                {t('settings.ownServerStop')}
              </Button>
            </>
          }
        >
          <p>{t('settings.ownServerStopWhat')}</p>
          <p className="quiet">{t('settings.ownServerStopKept', { folder: server.folder })}</p>
          <FailureNote failure={failure} onDismiss={dismiss} />
        </Dialog>
      )}
    </Section>
  );
}
