import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import type { Failure } from '../parts/session-context.tsx';

/** What every way's form gets. */
export interface WayFormProps {
  /** What this device might be called. */
  readonly deviceName: string;
  readonly onBack: () => void;
}

interface SetupFormProps {
  readonly isBusy: boolean;
  readonly isReady: boolean;
  readonly failure: Failure | null;
  readonly onDismiss: () => void;
  /** What `invalid-argument` means here. */
  readonly invalid: string;
  readonly onBack: () => void;
  readonly onSubmit: () => void;
  /** What the last button says, where that is more than to go on. */
  readonly deed?: string;
  readonly children: ReactNode;
}

export function SetupForm({
  children,
  onSubmit,
  onBack,
  isBusy,
  isReady,
  failure,
  onDismiss,
  invalid,
  deed,
}: SetupFormProps) {
  const { t } = useTranslation();
  return (
    <form
      className="setup-form"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      <FailureNote failure={failure} onDismiss={onDismiss} invalid={invalid} />
      <footer className="dialog-actions">
        <span role="status" className="quiet">
          {isBusy && t('setup.busy')}
        </span>
        <Button onClick={onBack} disabled={isBusy}>
          {t('setup.back')}
        </Button>
        <Button kind={deed === undefined ? 'primary' : 'danger'} type="submit" disabled={isBusy || !isReady}>
          {deed ?? t('setup.next')}
        </Button>
      </footer>
    </form>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly type?: 'text' | 'url' | 'email' | 'password';
  readonly isFirst?: boolean;
  readonly autoComplete?: string;
}

export function TextField({
  label,
  hint,
  value,
  onValue,
  type = 'text',
  isFirst = false,
  autoComplete,
}: TextFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(ties) => (
        <TextInput
          type={type}
          value={value}
          onValue={onValue}
          autoFocus={isFirst}
          {...(autoComplete === undefined ? {} : { autoComplete })}
          {...ties}
        />
      )}
    </Field>
  );
}
