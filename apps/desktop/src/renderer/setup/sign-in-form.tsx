import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAsking } from '../parts/session-context.tsx';
import { KitFile } from './kit-file.tsx';
import { kitText } from './kit-text.ts';
import { SetupForm, TextField } from './setup-form.tsx';
import type { WayFormProps } from './setup-form.tsx';

const NOTHING = { server: '', email: '', account: '', secretKey: '' };

export function SignInForm({ deviceName, onBack }: WayFormProps) {
  const { t } = useTranslation();
  const [kit, setKit] = useState(NOTHING);
  const [password, setPassword] = useState('');
  const [name, setName] = useState(deviceName);
  const { ask, isBusy, failure, dismiss } = useAsking();
  const isReady = [...Object.values(kit), password, name].every((text) => text.trim() !== '');
  return (
    <SetupForm
      onSubmit={() => void ask('signIn', { kit: kitText(kit), password, deviceName: name.trim() })}
      onDismiss={dismiss}
      invalid={t('setup.kitInvalid')}
      {...{ onBack, isBusy, isReady, failure }}
    >
      <KitFile onKit={setKit} />
      <TextField
        label={t('setup.server')}
        hint={t('setup.serverHint')}
        value={kit.server}
        onValue={(server) => setKit({ ...kit, server })}
      />
      <TextField
        label={t('setup.email')}
        autoComplete="email"
        value={kit.email}
        onValue={(email) => setKit({ ...kit, email })}
      />
      <TextField
        label={t('setup.account')}
        hint={t('setup.accountHint')}
        value={kit.account}
        onValue={(account) => setKit({ ...kit, account })}
      />
      <TextField
        label={t('setup.secretKey')}
        hint={t('setup.secretKeyHint')}
        value={kit.secretKey}
        onValue={(secretKey) => setKit({ ...kit, secretKey })}
      />
      <TextField
        label={t('setup.password')}
        type="password"
        autoComplete="current-password"
        value={password}
        onValue={setPassword}
      />
      <TextField label={t('setup.deviceName')} value={name} onValue={setName} />
    </SetupForm>
  );
}
