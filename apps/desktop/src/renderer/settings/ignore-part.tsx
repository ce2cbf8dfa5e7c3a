import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Field } from '../parts/field.tsx';
import { Section } from '../parts/section.tsx';
import { useAnswer, useAsking } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';
import { formatBytes } from '../words/format.ts';

/** A preview that follows every key would ask for each of them. */
const PREVIEW_AFTER_MS = 300;
const SHOWN = 50;

/** The rules at the top of a folder, and what they would change while they are being written. */
export function IgnorePart({ folder }: { readonly folder: string }) {
  const { t } = useTranslation();
  const tell = useTell();
  const [turn, setTurn] = useState(0);
  const { answer, failure: unread, again } = useAnswer('rules', { folder }, turn);
  const [draft, setDraft] = useState<string | null>(null);
  const { ask, isBusy, failure, dismiss } = useAsking();
  const was = answer?.files.find((file) => file.in === '')?.text ?? null;
  const text = draft ?? was ?? '';
  const isChanged = draft !== null && draft !== (was ?? '');
  const [isMet, setMet] = useState(false);
  const renew = () => setTurn((before) => before + 1);
  const save = async () => {
    setMet(false);
    const saved = await ask('setRules', { folder, text, was }, ({ code }) => {
      // Others wrote there, too: what they wrote is shown, and saving over it is for a person to decide.
      if (code !== 'precondition-failed') return;
      setMet(true);
      renew();
    });
    if (saved === null) return;
    tell(t('settings.rulesSaved'));
    setDraft(null);
    renew();
  };
  if (answer === null) return <FailureNote failure={unread} onDismiss={again} />;
  return (
    <Section title={t('settings.rules')}>
      <Field label={t('settings.rulesLabel')} hint={t('settings.rulesHint')}>
        {(ties) => (
          <textarea
            className="input rules"
            rows={6}
            spellCheck={false}
            value={text}
            onChange={(event) => setDraft(event.target.value)}
            {...ties}
          />
        )}
      </Field>
      <p className="quiet">{t('settings.rulesAlways', { patterns: answer.builtIn.join('  ') })}</p>
      {isChanged && <Preview folder={folder} text={text} />}
      {isMet && isChanged && (
        <div role="alert">
          <p className="amber">{t('settings.rulesMet')}</p>
          <pre className="merge-side">{was}</pre>
        </div>
      )}
      <FailureNote failure={isMet ? null : failure} onDismiss={dismiss} />
      <p className="section-act">
        <Button disabled={isBusy || !isChanged} onClick={() => void save()}>
          {t('settings.save')}
        </Button>
        {isChanged && (
          <Button kind="quiet" onClick={() => setDraft(null)}>
            {t('settings.discard')}
          </Button>
        )}
      </p>
    </Section>
  );
}

function Preview({ folder, text }: { readonly folder: string; readonly text: string }) {
  const { t, i18n } = useTranslation();
  const [asked, setAsked] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), PREVIEW_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const { answer, failure, again } = useAnswer('previewRules', { folder, text: asked, limit: SHOWN });
  if (answer === null) return <FailureNote failure={failure} onDismiss={again} />;
  return (
    <div role="status" className="preview">
      <h3>{answer.effects.length === 0 ? t('settings.previewNothing') : t('settings.preview')}</h3>
      <ul className="rows">
        {answer.effects.map(({ path, kind, sizeBytes, becomes, isTracked }) => (
          <li key={path} className="row">
            <bdi className="row-main cut">{kind === 'folder' ? `${path}/` : path}</bdi>
            <span className="quiet figures">
              {kind === 'file' && `${formatBytes(i18n.language, sizeBytes)} · `}
              {becomes === 'synced'
                ? t('settings.becomesSynced')
                : t(isTracked ? 'settings.becomesFrozen' : 'settings.becomesIgnored')}
            </span>
          </li>
        ))}
      </ul>
      {answer.next !== undefined && <p className="quiet">{t('settings.previewMore')}</p>}
    </div>
  );
}
