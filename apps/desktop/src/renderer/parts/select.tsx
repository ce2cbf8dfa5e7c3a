import type { FieldTies } from './field.tsx';
import { Icon } from './icons.tsx';

interface SelectProps<V extends string> extends Partial<FieldTies> {
  readonly value: V;
  readonly options: readonly { readonly value: V; readonly word: string }[];
  readonly onChange: (value: V) => void;
  /** Where no label stands beside it. */
  readonly label?: string;
  readonly isDisabled?: boolean;
}

/** The system's own list of choices: no list of ours is as quick with a keyboard or as well read aloud. */
export function Select<V extends string>({ value, options, onChange, label, isDisabled, ...ties }: SelectProps<V>) {
  return (
    <span className="select">
      <select
        value={value}
        disabled={isDisabled}
        onChange={(event) => onChange(event.target.value as V)}
        {...(label === undefined ? {} : { 'aria-label': label })}
        {...ties}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.word}
          </option>
        ))}
      </select>
      <Icon name="chevronDown" sizePx={16} />
    </span>
  );
}
