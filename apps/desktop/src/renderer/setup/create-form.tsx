import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAnswer, useAsking } from '../parts/session-context.tsx';
import { isPasswordUsable, PasswordFields } from './password-fields.tsx';
import { ServerChoice } from './server-choice.tsx';
import type { ChosenServer } from './server-choice.tsx';
import { SetupForm, TextField } from './setup-form.tsx';
import type { WayFormProps } from './setup-form.tsx';

export function CreateForm({ deviceName, onBack }: WayFormProps) {
  const { t } = useTranslation();
  const [server, setServer] = useState<ChosenServer>({ where: 'there', address: '', reach: 'network' });
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState({ password: '', again: '' });
  const [name, setName] = useState(deviceName);
  const [isAsked, setAsked] = useState(false);
  const { ask, isBusy, failure, dismiss } = useAsking();
  const { answer: own } = useAnswer('ownServer', {});
  const create = async () => {
    setAsked(true);
    if (!isPasswordUsable(password)) return;
    const address =
      server.where === 'there' ? server.address : (await ask('startServer', { reach: server.reach }))?.server?.address;
    if (address === undefined) return;
    void ask('createAccount', {
      server: address.trim(),
      email: email.trim(),
      password: password.password,
      deviceName: name.trim(),
    });
  };
  const address = server.where === 'there' ? server.address : 'here';
  const isReady = [address, email, name, password.password, password.again].every((text) => text.trim() !== '');
  return (
    <SetupForm
      onSubmit={() => void create()}
      onDismiss={dismiss}
      invalid={server.where === 'there' ? t('setup.addressInvalid') : t('setup.serverHereInvalid')}
      {...{ onBack, isBusy, isReady, failure }}
    >
      <ServerChoice value={server} onChange={setServer} canStart={own?.canStart === true} />
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
