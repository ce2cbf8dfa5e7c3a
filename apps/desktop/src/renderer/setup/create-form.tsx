import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAsking } from '../parts/session-context.tsx';
import { isPasswordUsable, PasswordFields } from './password-fields.tsx';
import { SetupForm, TextField } from './setup-form.tsx';
import type { WayFormProps } from './setup-form.tsx';

export function CreateForm({ deviceName, onBack }: WayFormProps) {
  const { t } = useTranslation();
  const [server, setServer] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState({ password: '', again: '' });
  const [name, setName] = useState(deviceName);
  const [isAsked, setAsked] = useState(false);
  const { ask, isBusy, failure, dismiss } = useAsking();
  const create = () => {
    setAsked(true);
    if (!isPasswordUsable(password)) return;
    void ask('createAccount', {
      server: server.trim(),
      email: email.trim(),
      password: password.password,
      deviceName: name.trim(),
    });
  };
  const isReady = [server, email, name, password.password, password.again].every((text) => text.trim() !== '');
  return (
    <SetupForm
      onSubmit={create}
      onDismiss={dismiss}
      invalid={t('setup.addressInvalid')}
      {...{ onBack, isBusy, isReady, failure }}
    >
      <TextField label={t('setup.server')} hint={t('setup.serverHint')} value={server} onValue={setServer} isFirst />
      <TextField
        label={t('setup.email')}
        hint={t('setup.emailHint')}
        type="email"
        autoComplete="email"
        value={email}
        onValue={setEmail}
      />
      <PasswordFields value={password} onChange={setPassword} isAsked={isAsked} />
      <TextField label={t('setup.deviceName')} value={name} onValue={setName} />
    </SetupForm>
  );
}
