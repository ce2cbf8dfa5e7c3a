import { Checkbox as Radix } from 'radix-ui';

interface CheckboxProps {
  readonly id?: string;
  /** Without it a label beside it names it by `id`. */
  readonly label?: string;
  /** `some`: of what lies below it, some are on. */
  readonly state: 'on' | 'off' | 'some';
  readonly isDisabled?: boolean;
  readonly onChange: (isOn: boolean) => void;
}

export function Checkbox({ id, label, state, isDisabled = false, onChange }: CheckboxProps) {
  return (
    <Radix.Root
      className="checkbox"
      checked={state === 'some' ? 'indeterminate' : state === 'on'}
      disabled={isDisabled}
      onCheckedChange={(checked) => onChange(checked === true)}
      {...(id === undefined ? {} : { id })}
      {...(label === undefined ? {} : { 'aria-label': label })}
    >
      <Radix.Indicator forceMount>
        <svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" strokeWidth="2" aria-hidden>
          {state === 'on' && <path d="m3.5 8.4 3 3 6-6.4" />}
          {state === 'some' && <path d="M4 8h8" />}
        </svg>
      </Radix.Indicator>
    </Radix.Root>
  );
}
