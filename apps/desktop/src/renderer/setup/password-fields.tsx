import { useTranslation } from 'react-i18next';
import { LEAST_PASSWORD_LENGTH } from '@onefold/control';
import { Field, TextInput } from '../parts/field.tsx';

export interface NewPassword {
  readonly password: string;
  readonly again: string;
}

export function isPasswordUsable({ password, again }: NewPassword): boolean {
  return password.length >= LEAST_PASSWORD_LENGTH && password === again;
}

interface PasswordFieldsProps {
  readonly value: NewPassword;
  readonly onChange: (value: NewPassword) => void;
  /** Says what is wrong only once the person wanted to go on. */
  readonly isAsked: boolean;
}

/** A new password, twice. */
export function PasswordFields({ value, onChange, isAsked }: PasswordFieldsProps) {
  const { t } = useTranslation();
  const { password, again } = value;
  return (
    <>
      <Field
        label={t('setup.password')}
        hint={t('setup.passwordHint', { count: LEAST_PASSWORD_LENGTH })}
        error={isAsked && password.length < LEAST_PASSWORD_LENGTH ? t('setup.passwordShort') : null}
      >
        {(ties) => (
          <TextInput
            type="password"
            autoComplete="new-password"
            value={password}
            onValue={(next) => onChange({ ...value, password: next })}
            {...ties}
          />
        )}
      </Field>
      <Field label={t('setup.passwordAgain')} error={isAsked && password !== again ? t('setup.passwordDiffers') : null}>
        {(ties) => (
          <TextInput
            type="password"
            autoComplete="new-password"
            value={again}
            onValue={(next) => onChange({ ...value, again: next })}
            {...ties}
          />
        )}
      </Field>
    </>
  );
}
