import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Icon } from '../parts/icons.tsx';
import { saveText } from '../parts/save-text.ts';
import { Section } from '../parts/section.tsx';
import { useAnswer } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';
import { useCheckWords } from '../words/check-words.ts';

/** What the checks say, and what to hand to someone who helps: seen whole before it is given away. */
export function DiagnosticsPart() {
  const { t } = useTranslation();
  const tell = useTell();
  const checkWords = useCheckWords();
  const checks = useAnswer('doctor', {});
  const bundle = useAnswer('diagnostics', {});
  const { answer } = bundle;
  const copy = (text: string): void => {
    navigator.clipboard.writeText(text).then(
      () => tell(t('settings.copied')),
      () => tell(t('settings.notCopied')),
    );
  };
  return (
    <>
      <Section title={t('settings.checks')}>
        <FailureNote failure={checks.failure} onDismiss={checks.again} />
        {checks.answer === null && checks.failure === null && <p className="quiet">{t('settings.looking')}</p>}
        <ul className="checks">
          {checks.answer?.checks.map((check) => (
            <li key={check.id} className={check.ok ? 'check' : 'check amber'}>
              <Icon name={check.ok ? 'check' : 'attention'} sizePx={16} />
              <span>{checkWords(check)}</span>
            </li>
          ))}
        </ul>
      </Section>
      <Section title={t('settings.bundle')}>
        <p className="quiet">{t('settings.bundleWhat')}</p>
        <FailureNote failure={bundle.failure} onDismiss={bundle.again} />
        {answer === null && bundle.failure === null && <p className="quiet">{t('settings.looking')}</p>}
        {answer !== null && (
          <>
            <pre className="bundle" lang="en" tabIndex={0} aria-label={t('settings.bundleText')} role="region">
              {answer.text}
            </pre>
            <p className="section-act">
              <Button icon="down" onClick={() => saveText(answer.fileName, answer.text)}>
                {t('settings.saveBundle')}
              </Button>
              <Button kind="quiet" onClick={() => copy(answer.text)}>
                {t('settings.copy')}
              </Button>
              <Button kind="quiet" onClick={bundle.again}>
                {t('settings.lookAgain')}
              </Button>
            </p>
          </>
        )}
      </Section>
    </>
  );
}
