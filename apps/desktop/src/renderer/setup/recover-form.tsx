import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Field } from '../parts/field.tsx';
import { useAsking } from '../parts/session-context.tsx';
import { isPasswordUsable, PasswordFields } from './password-fields.tsx';
import { SetupForm, TextField } from './setup-form.tsx';
import type { WayFormProps } from './setup-form.tsx';

/** With the 24 words: a new password and a new kit, and every device before is out. */
export function RecoverForm({ deviceName, onBack }: WayFormProps) {
  const { t } = useTranslation();
  const [server, setServer] = useState('');
  const [email, setEmail] = useState('');
  const [phrase, setPhrase] = useState('');
  const [password, setPassword] = useState({ password: '', again: '' });
  const [name, setName] = useState(deviceName);
  const [isAsked, setAsked] = useState(false);
  const { ask, isBusy, failure, dismiss } = useAsking();
  const recover = () => {
    setAsked(true);
    if (!isPasswordUsable(password)) return;
    void ask('recoverAccount', {
      server: server.trim(),
      email: email.trim(),
      phrase,
      password: password.password,
      deviceName: name.trim(),
    });
  };
  const isReady = [server, email, phrase, name, password.password, password.again].every((text) => text.trim() !== '');
  return (
    <SetupForm
      onSubmit={recover}
      onDismiss={dismiss}
      invalid={t('setup.phraseInvalid')}
      {...{ onBack, isBusy, isReady, failure }}
    >
      <p className="amber">{t('setup.recoverWhat')}</p>
      <TextField label={t('setup.server')} hint={t('setup.serverHint')} value={server} onValue={setServer} isFirst />
      <TextField label={t('setup.email')} type="email" autoComplete="email" value={email} onValue={setEmail} />
      <Field label={t('setup.phrase')} hint={t('setup.phraseHint')}>
        {(ties) => (
          <textarea
            className="input"
            rows={4}
            spellCheck={false}
            autoComplete="off"
            value={phrase}
            onChange={(event) => setPhrase(event.target.value)}
            {...ties}
          />
        )}
      </Field>
      <PasswordFields value={password} onChange={setPassword} isAsked={isAsked} />
      <TextField label={t('setup.deviceName')} value={name} onValue={setName} />
    </SetupForm>
  );
}
