import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallResult } from '@onefold/control';
import { PageHeading } from '../parts/page-heading.tsx';
import { useAsking, useModelPart } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';
import { KitFile } from '../setup/kit-file.tsx';
import { kitText } from '../setup/kit-text.ts';
import { SetupForm, TextField } from '../setup/setup-form.tsx';

interface DeleteAccountProps {
  readonly account: CallResult<'account'>['account'];
  readonly onEnd: () => void;
}

/** What goes and what stays, and then three things that nobody types by mistake. */
export function DeleteAccount({ account, onEnd }: DeleteAccountProps) {
  const { t } = useTranslation();
  const tell = useTell();
  const pending = useModelPart(({ status }) => status?.pending ?? 0);
  const notYetSafe = useModelPart(({ status }) => status?.notYetSafe ?? 0);
  const [secretKey, setSecretKey] = useState('');
  const [password, setPassword] = useState('');
  const [email, setEmail] = useState('');
  const { ask, isBusy, failure, dismiss } = useAsking();
  const coming = Math.max(0, pending - notYetSafe);
  const isMeant = email.trim().toLowerCase() === account.email.toLowerCase();
  const remove = async () => {
    const kit = kitText({ ...account, secretKey });
    if ((await ask('deleteAccount', { kit, password, email: email.trim() })) !== null) tell(t('account.deleted'));
  };
  return (
    <div className="page">
      <PageHeading title={t('account.deleteTitle')} />
      <ul className="consequences">
        <li>{t('account.deleteStays')}</li>
        <li>{t('account.deleteServer')}</li>
        <li>{t('account.deleteLost')}</li>
        <li>{t('account.deleteFinal')}</li>
      </ul>
      {coming > 0 && <p className="amber">{t('account.deleteComing', { count: coming })}</p>}
      <SetupForm
        onSubmit={() => void remove()}
        onBack={onEnd}
        onDismiss={dismiss}
        invalid={t('account.deleteInvalid')}
        isReady={isMeant && password !== '' && secretKey.trim() !== ''}
        deed={t('account.deleteNow')}
        {...{ isBusy, failure }}
      >
        <KitFile onKit={(kit) => setSecretKey(kit.secretKey)} />
        <TextField
          label={t('setup.secretKey')}
          hint={t('account.deleteKeyHint')}
          value={secretKey}
          onValue={setSecretKey}
        />
        <TextField
          label={t('setup.password')}
          type="password"
          autoComplete="current-password"
          value={password}
          onValue={setPassword}
        />
        <TextField
          label={t('account.deleteEmail')}
          hint={t('account.deleteEmailHint', { email: account.email })}
          autoComplete="off"
          value={email}
          onValue={setEmail}
        />
      </SetupForm>
    </div>
  );
}
