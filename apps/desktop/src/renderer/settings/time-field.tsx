import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readTime, shownTime } from '../model/written-time.ts';
import type { Half } from '../model/written-time.ts';
import { Field } from '../parts/field.tsx';
import { TimeInput, useWriting } from '../parts/time-input.tsx';

interface TimeFieldProps {
  readonly label: string;
  /** HH:MM */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A time of day with its name above; what is no time is said and not taken. */
export function TimeField({ label, value, onChange }: TimeFieldProps) {
  const { t } = useTranslation();
  const writing = useWriting();
  const shown = shownTime(value, writing);
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? shown.text;
  const [isWrong, setWrong] = useState(false);

  function take(half: Half): void {
    const read = readTime(text, half, writing)?.slice(0, 5) ?? null;
    setWrong(read === null);
    if (read === null) return;
    setTyped(null);
    if (read !== value) onChange(read);
  }

  return (
    <Field label={label} error={isWrong ? t('clock.wrong', { example: shownTime('09:30', writing).text }) : null}>
      {(ties) => (
        <TimeInput
          writing={writing}
          text={text}
          half={shown.half}
          onText={setTyped}
          onHalf={take}
          onTake={() => take(shown.half)}
          {...ties}
        />
      )}
    </Field>
  );
}
