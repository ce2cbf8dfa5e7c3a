import { useTranslation } from 'react-i18next';
import { writingOf } from '../model/written-time.ts';
import type { Half, Writing } from '../model/written-time.ts';
import { regionOf } from '../words/format.ts';
import { TextInput } from './field.tsx';
import type { FieldTies } from './field.tsx';
import { Select } from './select.tsx';

/** How dates and times are written in the language of the page, which the browser's own fields do not follow. */
export function useWriting(): Writing {
  const { i18n } = useTranslation();
  return writingOf(regionOf(i18n.language, navigator.languages));
}

interface TimeInputProps extends Partial<FieldTies> {
  readonly writing: Writing;
  readonly text: string;
  readonly half: Half;
  /** What is being typed. */
  readonly onText: (text: string) => void;
  readonly onHalf: (half: Half) => void;
  readonly onTake?: () => void;
  /** Where no label stands beside it. */
  readonly label?: string;
}

/** A time of day, typed; with the halves of the day where they are written. */
export function TimeInput({ writing, text, half, onText, onHalf, onTake, label, ...ties }: TimeInputProps) {
  const { t } = useTranslation();
  const { halves } = writing;
  const halfPart = halves !== null && (
    <Select<Half>
      label={t('clock.half')}
      value={half}
      options={[
        { value: 'am', word: halves.am },
        { value: 'pm', word: halves.pm },
      ]}
      onChange={onHalf}
    />
  );
  return (
    <span className="time-input figures">
      {halves?.isFirst === true && halfPart}
      <TextInput
        value={text}
        onValue={onText}
        {...(onTake === undefined ? {} : { onTake })}
        {...(label === undefined ? {} : { 'aria-label': label })}
        {...ties}
      />
      {halves?.isFirst === false && halfPart}
    </span>
  );
}
