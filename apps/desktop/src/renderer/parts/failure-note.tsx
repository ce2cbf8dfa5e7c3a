import { useTranslation } from 'react-i18next';
import { Icon } from './icons.tsx';
import type { Failure } from './session-context.tsx';

const WORDED = [
  'not-found',
  'root-in-use',
  'root-nested',
  'root-state-inside',
  'access-denied',
  'daemon-not-running',
  'invalid-argument',
  'server-unreachable',
] as const;

/** What happened and what it means for the files; said aloud when it appears. */
export function FailureNote({
  failure,
  onDismiss,
}: {
  readonly failure: Failure | null;
  readonly onDismiss: () => void;
}) {
  const { t } = useTranslation();
  if (failure === null) return null;
  const code = WORDED.find((known) => known === failure.code);
  return (
    <div className="failure" role="alert">
      <p>
        <strong>{t('errors.title')}</strong>{' '}
        {code === undefined ? t('errors.other', { message: failure.message }) : t(`errors.${code}`)}
      </p>
      <button type="button" className="button-icon" aria-label={t('action.dismiss')} onClick={onDismiss}>
        <Icon name="close" sizePx={16} />
      </button>
    </div>
  );
}
