import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { PageHeading } from '../parts/page-heading.tsx';
import { Section } from '../parts/section.tsx';
import { useAnswer } from '../parts/session-context.tsx';
import { ChangePassword } from './change-password.tsx';
import { DeleteAccount } from './delete-account.tsx';
import { MoveServerDialog } from './move-server-dialog.tsx';
import { ProfilePart } from './profile-part.tsx';
import { SignOutDialog } from './sign-out-dialog.tsx';

/** Who this is, what lets one in, and the way out. */
export function AccountScreen() {
  const { t } = useTranslation();
  const { answer, failure, again } = useAnswer('account', {});
  const [opened, setOpened] = useState<'password' | 'sign-out' | 'delete' | 'server' | null>(null);
  const close = () => setOpened(null);
  if (opened === 'password') return <ChangePassword onEnd={close} />;
  if (opened === 'delete' && answer !== null) return <DeleteAccount account={answer.account} onEnd={close} />;
  return (
    <div className="page">
      <PageHeading title={t('account.title')} detail={t('account.detail')} />
      <FailureNote failure={failure} onDismiss={again} />
      <Section title={t('account.who')}>
        <ProfilePart />
        {answer !== null && (
          <dl className="fact-rows">
            <dt>{t('account.email')}</dt>
            <dd>{answer.account.email}</dd>
            <dt>{t('account.server')}</dt>
            <dd className="fact-with-act">
              {answer.account.server}
              <Button kind="quiet" onClick={() => setOpened('server')}>
                {t('account.moveOpen')}
              </Button>
            </dd>
            <dt>{t('account.id')}</dt>
            <dd>{answer.account.account}</dd>
          </dl>
        )}
      </Section>
      <Section title={t('account.password')}>
        <p className="quiet">{t('account.passwordWhat')}</p>
        <p className="section-act">
          <Button onClick={() => setOpened('password')}>{t('account.change')}</Button>
        </p>
      </Section>
      <Section title={t('account.signOut')}>
        <p className="quiet">{t('account.signOutWhat')}</p>
        <p className="section-act">
          <Button onClick={() => setOpened('sign-out')}>{t('account.signOutHere')}</Button>
        </p>
      </Section>
      <Section title={t('account.delete')}>
        <p className="quiet">{t('account.deleteWhat')}</p>
        <p className="section-act">
          <Button disabled={answer === null} onClick={() => setOpened('delete')}>
            {t('account.deleteOpen')}
          </Button>
        </p>
      </Section>
      {opened === 'server' && answer !== null && (
        <MoveServerDialog address={answer.account.server} onClose={close} onMoved={again} />
      )}
      {opened === 'sign-out' && <SignOutDialog onClose={close} />}
    </div>
  );
}
