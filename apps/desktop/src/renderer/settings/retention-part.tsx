import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RetentionPolicy } from '@onefold/control';
import { FailureNote } from '../parts/failure-note.tsx';
import { Field } from '../parts/field.tsx';
import { Section } from '../parts/section.tsx';
import { Select } from '../parts/select.tsx';
import { Switch } from '../parts/switch.tsx';
import { useAnswer, useAsking } from '../parts/session-context.tsx';

const DAYS = [7, 30, 90, 180, 365] as const;

/** What the server keeps of a folder's past, and for how long. */
export function RetentionPart({ folder }: { readonly folder: string }) {
  const { t } = useTranslation();
  const [turn, setTurn] = useState(0);
  const { answer, failure: unread, again } = useAnswer('retention', { folder }, turn);
  const { ask, failure, dismiss } = useAsking();
  if (answer === null) return <FailureNote failure={unread} onDismiss={again} />;
  const { policy, isDefault } = answer;
  const set = async (next: RetentionPolicy | null) => {
    await ask('setRetention', { folder, policy: next });
    setTurn((before) => before + 1);
  };
  return (
    <Section title={t('settings.retention')}>
      <FailureNote failure={failure} onDismiss={dismiss} />
      <Switch
        label={t('settings.retentionOwn')}
        hint={t('settings.retentionOwnHint')}
        isOn={!isDefault}
        onChange={(isOn) => void set(isOn ? policy : null)}
      />
      <div className="field-pair">
        <DaysField
          label={t('settings.trashDays')}
          value={policy.trashDays}
          isDisabled={isDefault}
          onChange={(trashDays) => void set({ ...policy, trashDays })}
        />
        <DaysField
          label={t('settings.versionDays')}
          value={policy.versionDays}
          isDisabled={isDefault}
          onChange={(versionDays) => void set({ ...policy, versionDays })}
        />
      </div>
      <Switch
        label={t('settings.thinned')}
        hint={t('settings.thinnedHint')}
        isOn={policy.isThinned}
        isDisabled={isDefault}
        onChange={(isThinned) => void set({ ...policy, isThinned })}
      />
    </Section>
  );
}

interface DaysFieldProps {
  readonly label: string;
  readonly value: number | null;
  readonly isDisabled: boolean;
  readonly onChange: (days: number | null) => void;
}

function DaysField({ label, value, isDisabled, onChange }: DaysFieldProps) {
  const { t } = useTranslation();
  // What another device or a command line has set may be any number.
  const days = [...new Set<number>([...DAYS, ...(value === null ? [] : [value])])].sort((a, b) => a - b);
  return (
    <Field label={label}>
      {(ties) => (
        <Select
          value={value === null ? '' : String(value)}
          isDisabled={isDisabled}
          options={[
            ...days.map((count) => ({ value: String(count), word: t('settings.dayCount', { count }) })),
            { value: '', word: t('settings.forever') },
          ]}
          onChange={(text) => onChange(text === '' ? null : Number(text))}
          {...ties}
        />
      )}
    </Field>
  );
}
