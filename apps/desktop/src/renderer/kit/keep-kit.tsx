import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EmergencyKit } from '@onefold/control';
import { Button } from '../parts/button.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import type { Failure } from '../parts/session-context.tsx';
import { isKeyEnd, isWord, questionOf } from './kit-check.ts';
import { KitSheets } from './kit-sheets.tsx';

interface KeepKitProps {
  readonly kit: EmergencyKit;
  readonly isBusy: boolean;
  readonly failure: Failure | null;
  readonly onDismiss: () => void;
  readonly onKept: () => void;
  readonly onCancel: () => void;
}

/** Shows the sheets, and goes on only when something was read off them. */
export function KeepKit({ kit, isBusy, failure, onDismiss, onKept, onCancel }: KeepKitProps) {
  const { t } = useTranslation();
  const [keyEnd, setKeyEnd] = useState('');
  const [word, setWord] = useState('');
  const [isAsked, setAsked] = useState(false);
  const { word: wanted } = questionOf(kit);
  const isKeyRight = isKeyEnd(kit, keyEnd);
  const isWordRight = wanted === null || isWord(kit, wanted, word);
  return (
    <>
      <KitSheets kit={kit} />
      <form
        className="setup-form kit-check"
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(true);
          if (isKeyRight && isWordRight) onKept();
        }}
      >
        <h2>{t('kit.check')}</h2>
        <Field label={t('kit.checkKey')} error={isAsked && !isKeyRight ? t('kit.checkWrong') : null}>
          {(ties) => <TextInput value={keyEnd} onValue={setKeyEnd} {...ties} />}
        </Field>
        {wanted !== null && (
          <Field
            label={t('kit.checkWord', { count: wanted })}
            error={isAsked && !isWordRight ? t('kit.checkWrong') : null}
          >
            {(ties) => <TextInput value={word} onValue={setWord} {...ties} />}
          </Field>
        )}
        {failure?.code === 'server-unreachable' && <p className="amber">{t('kit.offline')}</p>}
        <FailureNote failure={failure} onDismiss={onDismiss} />
        <footer className="dialog-actions">
          <Button onClick={onCancel} disabled={isBusy}>
            {t('action.cancel')}
          </Button>
          <Button kind="primary" type="submit" disabled={isBusy}>
            {t('kit.finish')}
          </Button>
        </footer>
      </form>
    </>
  );
}
