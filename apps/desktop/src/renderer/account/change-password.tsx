import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EmergencyKit } from '@onefold/control';
import { KeepKit } from '../kit/keep-kit.tsx';
import { PageHeading } from '../parts/page-heading.tsx';
import { useAsking, useModelPart } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';
import { isPasswordUsable, PasswordFields } from '../setup/password-fields.tsx';
import { SetupForm } from '../setup/setup-form.tsx';

/** First the new password, then the new kit; only when that is saved does anything change. */
export function ChangePassword({ onEnd }: { readonly onEnd: () => void }) {
  const { t } = useTranslation();
  const tell = useTell();
  const email = useModelPart(({ status }) => status?.account.email ?? '');
  const [password, setPassword] = useState({ password: '', again: '' });
  const [isAsked, setAsked] = useState(false);
  const [kit, setKit] = useState<EmergencyKit | null>(null);
  const { ask, isBusy, failure, dismiss } = useAsking();
  const change = async () => {
    setAsked(true);
    if (!isPasswordUsable(password)) return;
    const made = await ask('changePassword', { password: password.password });
    if (made !== null) setKit(made.kit);
  };
  const keep = async () => {
    if ((await ask('keepNewKit', {})) === null) return;
    tell(t('account.changed'));
    onEnd();
  };
  const cancel = () => {
    void ask('dropNewKit', {});
    onEnd();
  };
  return (
    <div className="page">
      <PageHeading title={kit === null ? t('account.changeTitle') : t('kit.title')} detail={t('account.changeWhat')} />
      {kit === null ? (
        <SetupForm
          onSubmit={() => void change()}
          onBack={onEnd}
          onDismiss={dismiss}
          invalid={t('setup.passwordShort')}
          isReady={password.password !== '' && password.again !== ''}
          {...{ isBusy, failure }}
        >
          {/* For password managers, which ask whose password it is. */}
          <input
            className="visually-hidden"
            type="text"
            autoComplete="username"
            value={email}
            readOnly
            tabIndex={-1}
            aria-hidden
          />
          <PasswordFields value={password} onChange={setPassword} isAsked={isAsked} />
        </SetupForm>
      ) : (
        <KeepKit onKept={() => void keep()} onCancel={cancel} onDismiss={dismiss} {...{ kit, isBusy, failure }} />
      )}
    </div>
  );
}
