import { useTranslation } from 'react-i18next';
import type { LinkingState } from '@onefold/control';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { QrCode } from './qr-code.tsx';
import { useLinking } from './use-linking.ts';

/** Another device joins: words and a QR code, then the check words of whoever used them, then a person's yes or no. */
export function LinkDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const { state, failure, start, answer } = useLinking();
  return (
    <Dialog title={t('linking.title')} onClose={onClose} actions={<Actions {...{ state, start, answer, onClose }} />}>
      <div className="linking" aria-live="polite">
        {state !== null && <Step state={state} />}
      </div>
      <FailureNote failure={failure} onDismiss={start} />
    </Dialog>
  );
}

function Step({ state }: { readonly state: LinkingState }) {
  const { t } = useTranslation();
  switch (state.kind) {
    case 'offered':
      return (
        <>
          <p>{t('linking.how')}</p>
          <QrCode text={state.text} label={t('linking.qr')} />
          <Words words={state.words} label={t('linking.words')} />
          <p className="quiet">{t('linking.secret')}</p>
        </>
      );
    case 'asking':
      return (
        <>
          <p>{t('linking.asking', { name: state.deviceName })}</p>
          <Words words={state.checkWords} label={t('linking.checkWords')} />
          <p className="quiet">{t('linking.compare')}</p>
        </>
      );
    case 'adding':
      return <p>{t('linking.adding', { name: state.deviceName })}</p>;
    case 'added':
      return <p>{t('linking.added', { name: state.deviceName })}</p>;
    case 'failed':
      return <p>{state.code === 'timeout' ? t('linking.timeUp') : t('linking.failed')}</p>;
    case 'none':
      return <p>{t('linking.denied')}</p>;
  }
}

function Words({ words, label }: { readonly words: string; readonly label: string }) {
  return (
    <ol className="words" aria-label={label} lang="en">
      {words.split(' ').map((word, index) => (
        <li key={index}>{word}</li>
      ))}
    </ol>
  );
}

interface ActionsProps {
  readonly state: LinkingState | null;
  readonly start: () => void;
  readonly answer: (approve: boolean, checkWords: string) => void;
  readonly onClose: () => void;
}

function Actions({ state, start, answer, onClose }: ActionsProps) {
  const { t } = useTranslation();
  if (state?.kind === 'asking')
    return (
      <>
        <Button kind="danger" onClick={() => answer(false, state.checkWords)}>
          {t('linking.deny')}
        </Button>
        <Button kind="primary" onClick={() => answer(true, state.checkWords)}>
          {t('linking.approve')}
        </Button>
      </>
    );
  if (state?.kind === 'failed' || state?.kind === 'none')
    return (
      <Button kind="primary" onClick={start}>
        {t('linking.again')}
      </Button>
    );
  return <Button onClick={onClose}>{state?.kind === 'added' ? t('action.close') : t('action.cancel')}</Button>;
}
