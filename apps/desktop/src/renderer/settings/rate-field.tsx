import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LEAST_BYTES_PER_SECOND } from '@onefold/control';
import { Field, TextInput } from '../parts/field.tsx';

const MEGABYTE = 1e6;

interface RateFieldProps {
  readonly label: string;
  /** null: without limit. */
  readonly value: number | null;
  readonly onChange: (bytesPerSecond: number | null) => void;
}

/** A limit in MB/s, taken over when the field is left or Enter is pressed; empty is none. */
export function RateField({ label, value, onChange }: RateFieldProps) {
  const { t, i18n } = useTranslation();
  const shown = value === null ? '' : String(value / MEGABYTE);
  const [text, setText] = useState<string | null>(null);
  const rate = readRate(text ?? shown);
  const take = () => {
    if (text === null || rate === undefined) return;
    setText(null);
    if (rate !== value) onChange(rate);
  };
  const least = new Intl.NumberFormat(i18n.language).format(LEAST_BYTES_PER_SECOND / 1000);
  return (
    <Field
      label={label}
      hint={t('settings.rateHint')}
      error={rate === undefined ? t('settings.rateWrong', { least }) : null}
    >
      {(ties) => (
        <TextInput
          inputMode="decimal"
          placeholder={t('settings.noLimit')}
          value={text ?? shown}
          onValue={setText}
          onTake={take}
          {...ties}
        />
      )}
    </Field>
  );
}

/** Bytes a second; null for none, undefined for what is no rate that the engine takes. */
export function readRate(text: string): number | null | undefined {
  const plain = text.trim().replace(',', '.');
  if (plain === '') return null;
  const rate = Math.round(Number(plain) * MEGABYTE);
  return Number.isSafeInteger(rate) && rate >= LEAST_BYTES_PER_SECOND ? rate : undefined;
}
