import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SetupState } from '@onefold/control';
import { Button } from '../parts/button.tsx';
import { useAsking } from '../parts/session-context.tsx';
import { SetupForm, TextField } from './setup-form.tsx';
import type { WayFormProps } from './setup-form.tsx';

export function LinkForm({ deviceName, onBack }: WayFormProps) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const [server, setServer] = useState('');
  const [name, setName] = useState(deviceName);
  const { ask, isBusy, failure, dismiss } = useAsking();
  const link = () =>
    void ask('linkHere', {
      words: words.trim(),
      server: server.trim() === '' ? null : server.trim(),
      deviceName: name.trim(),
    });
  return (
    <SetupForm
      onSubmit={link}
      onDismiss={dismiss}
      invalid={t('setup.wordsInvalid')}
      isReady={words.trim() !== '' && name.trim() !== ''}
      {...{ onBack, isBusy, failure }}
    >
      <TextField label={t('setup.words')} hint={t('setup.wordsHint')} value={words} onValue={setWords} isFirst />
      <TextField label={t('setup.server')} hint={t('setup.wordsServerHint')} value={server} onValue={setServer} />
      <TextField label={t('setup.deviceName')} value={name} onValue={setName} />
    </SetupForm>
  );
}

interface LinkWaitProps {
  readonly setup: Extract<SetupState, { kind: 'linking' | 'failed' }>;
  readonly onStop: () => void;
}

/** Waits for the other device, shows what a person compares, and says how it ended. */
export function LinkWait({ setup, onStop }: LinkWaitProps) {
  const { t } = useTranslation();
  const check = setup.kind === 'linking' ? setup.check : null;
  return (
    <div className="setup-form" aria-live="polite">
      {setup.kind === 'failed' && (
        <p>{setup.code === 'invalid-argument' ? t('setup.wordsInvalid') : t('setup.linkingFailed')}</p>
      )}
      {setup.kind === 'linking' && check === null && <p>{t('setup.linkingWait')}</p>}
      {check !== null && (
        <>
          <p>{t('setup.linkingCheck', { name: check.oldDeviceName, email: check.email })}</p>
          <ol className="words" aria-label={t('linking.checkWords')} lang="en">
            {check.checkWords.split(' ').map((word, index) => (
              <li key={index}>{word}</li>
            ))}
          </ol>
          <p className="quiet">{t('setup.linkingApprove')}</p>
        </>
      )}
      <footer className="dialog-actions">
        <Button onClick={onStop}>{setup.kind === 'failed' ? t('setup.back') : t('setup.stop')}</Button>
      </footer>
    </div>
  );
}
