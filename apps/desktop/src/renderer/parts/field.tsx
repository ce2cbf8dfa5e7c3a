import { useId } from 'react';
import type { InputHTMLAttributes, ReactNode } from 'react';

interface FieldProps {
  readonly label: string;
  /** How to fill it in. */
  readonly hint?: string | undefined;
  /** Why what stands there cannot be taken; said aloud when it appears. */
  readonly error?: string | null | undefined;
  /** Gets what ties the control to its label, hint and error. */
  readonly children: (ties: FieldTies) => ReactNode;
}

export interface FieldTies {
  readonly id: string;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: true;
}

/** A control with its name above, how to fill it in below, and what is wrong with it. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const hintId = useId();
  const errorId = useId();
  const isWrong = error !== undefined && error !== null;
  const described = [hint !== undefined && hintId, isWrong && errorId].filter((part) => part !== false).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        ...(described === '' ? {} : { 'aria-describedby': described }),
        ...(isWrong ? { 'aria-invalid': true } : {}),
      })}
      {hint !== undefined && (
        <p id={hintId} className="field-hint">
          {hint}
        </p>
      )}
      <div role="alert">
        {isWrong && (
          <p id={errorId} className="field-error">
            {error}
          </p>
        )}
      </div>
    </div>
  );
}

type InputAttributes = Omit<InputHTMLAttributes<HTMLInputElement>, 'className' | 'onChange' | 'value'>;

interface TextInputProps extends InputAttributes {
  readonly value: string;
  readonly onValue: (value: string) => void;
  /** Called when the field is left or Enter is pressed. */
  readonly onTake?: () => void;
}

export function TextInput({ value, onValue, onTake, ...rest }: TextInputProps) {
  const taking: InputAttributes =
    onTake === undefined
      ? {}
      : {
          onBlur: onTake,
          onKeyDown(event) {
            if (event.key === 'Enter') onTake();
          },
        };
  return (
    <input
      className="input"
      spellCheck={false}
      autoComplete="off"
      value={value}
      onChange={(event) => onValue(event.target.value)}
      {...taking}
      {...rest}
    />
  );
}
