import { useTranslation } from 'react-i18next';

/** The first stop of the keyboard: past the rail. A button, because the address belongs to the route. */
export function SkipLink({ onSkip }: { readonly onSkip: () => void }) {
  const { t } = useTranslation();
  return (
    <button type="button" className="skip" onClick={onSkip}>
      {t('app.skip')}
    </button>
  );
}
