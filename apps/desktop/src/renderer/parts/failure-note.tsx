import { useTranslation } from 'react-i18next';
import { failureKey } from '../words/failure-words.ts';
import { Icon } from './icons.tsx';
import type { Failure } from './session-context.tsx';

/** What a failure means, in plain words. */
export function useFailureWords(): (failure: Failure) => string {
  const { t } = useTranslation();
  return ({ code, message }) => {
    const key = failureKey(code);
    return key === null ? t('errors.other', { message }) : t(key);
  };
}

/** What happened and what it means for the files; said aloud when it appears. */
export function FailureNote({
  failure,
  onDismiss,
  invalid,
}: {
  readonly failure: Failure | null;
  readonly onDismiss: () => void;
  /** What `invalid-argument` means here; else it is about the path of a folder. */
  readonly invalid?: string;
}) {
  const { t } = useTranslation();
  const words = useFailureWords();
  if (failure === null) return null;
  return (
    <div className="failure" role="alert">
      <p>
        <strong>{t('errors.title')}</strong>{' '}
        {invalid !== undefined && failure.code === 'invalid-argument' ? invalid : words(failure)}
      </p>
      <button type="button" className="button-icon" aria-label={t('action.dismiss')} onClick={onDismiss}>
        <Icon name="close" sizePx={16} />
      </button>
    </div>
  );
}
