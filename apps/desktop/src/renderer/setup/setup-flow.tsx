import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SetupState } from '@onefold/control';
import { KeepKit } from '../kit/keep-kit.tsx';
import { Button } from '../parts/button.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { useAsking } from '../parts/session-context.tsx';
import { CreateForm } from './create-form.tsx';
import { LinkForm, LinkWait } from './link-form.tsx';
import { RecoverForm } from './recover-form.tsx';
import { SetupFrame } from './setup-frame.tsx';
import type { SetupFrameProps } from './setup-frame.tsx';
import { SignInForm } from './sign-in-form.tsx';
import { Ways } from './ways.tsx';
import type { Way } from './ways.tsx';

interface SetupFlowProps extends Pick<SetupFrameProps, 'preferences' | 'onPreferences'> {
  readonly setup: Exclude<SetupState, { kind: 'done' }>;
}

/** A device without account: what is to be done, and each way's steps. What the engine says of it wins over what was chosen here. */
export function SetupFlow({ setup, ...frame }: SetupFlowProps) {
  const { t } = useTranslation();
  const [way, setWay] = useState<Way | null>(null);
  const [hint, setHint] = useState('');
  const { ask, isBusy, failure, dismiss } = useAsking();
  const stop = () => {
    setWay(null);
    void ask('stopSetup', {});
  };
  if (setup.kind === 'none' && setup.deviceName !== hint) setHint(setup.deviceName);
  if (setup.kind === 'locked')
    return (
      <SetupFrame title={t('setup.locked')} detail={t('setup.lockedDetail')} {...frame}>
        <p>{t('setup.lockedFiles')}</p>
        <FailureNote failure={failure} onDismiss={dismiss} />
        <p className="section-act">
          <Button disabled={isBusy} onClick={() => void ask('signOut', {})}>
            {t('setup.lockedAnew')}
          </Button>
        </p>
      </SetupFrame>
    );
  if (setup.kind === 'kit')
    return (
      <SetupFrame title={t('kit.title')} detail={t('kit.detail')} {...frame}>
        <KeepKit
          kit={setup.kit}
          isBusy={isBusy}
          failure={failure}
          onDismiss={dismiss}
          onKept={() => void ask('keepKit', {})}
          onCancel={stop}
        />
      </SetupFrame>
    );
  if (setup.kind === 'linking' || setup.kind === 'failed')
    return (
      <SetupFrame title={t('setup.linking')} {...frame}>
        <LinkWait setup={setup} onStop={stop} />
      </SetupFrame>
    );
  if (way === null)
    return (
      <SetupFrame title={t('setup.welcome')} detail={t('setup.welcomeDetail')} {...frame}>
        <Ways onChoose={setWay} />
      </SetupFrame>
    );
  const Form = FORMS[way];
  return (
    <SetupFrame title={t(`setup.${way}`)} {...frame}>
      <Form deviceName={hint} onBack={() => setWay(null)} />
    </SetupFrame>
  );
}

const FORMS = { create: CreateForm, link: LinkForm, signIn: SignInForm, recover: RecoverForm } as const;
