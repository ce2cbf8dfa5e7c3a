import { useTranslation } from 'react-i18next';
import { FailureNote } from '../parts/failure-note.tsx';
import { Field } from '../parts/field.tsx';
import { Section } from '../parts/section.tsx';
import { Select } from '../parts/select.tsx';
import { RateField } from './rate-field.tsx';
import { ScheduleList } from './schedule-list.tsx';
import { useSettings } from './use-settings.ts';

export function BandwidthPart() {
  const { t } = useTranslation();
  const { settings, failure, dismiss, set } = useSettings();
  if (settings === null) return <FailureNote failure={failure} onDismiss={dismiss} />;
  const { bandwidth, metered } = settings;
  return (
    <>
      <FailureNote failure={failure} onDismiss={dismiss} invalid={t('settings.invalid')} />
      <Section title={t('settings.limits')}>
        <div className="field-pair">
          <RateField
            label={t('settings.up')}
            value={bandwidth.upBytesPerSecond}
            onChange={(upBytesPerSecond) => set({ bandwidth: { upBytesPerSecond } })}
          />
          <RateField
            label={t('settings.down')}
            value={bandwidth.downBytesPerSecond}
            onChange={(downBytesPerSecond) => set({ bandwidth: { downBytesPerSecond } })}
          />
        </div>
      </Section>
      <ScheduleList schedule={bandwidth.schedule} onChange={(schedule) => set({ bandwidth: { schedule } })} />
      <Section title={t('settings.metered')}>
        <div className="field-pair">
          <Field label={t('settings.meteredIs')}>
            {(ties) => (
              <Select
                value={metered.is}
                options={[
                  { value: 'ask-system', word: t('settings.meteredAsk') },
                  { value: 'yes', word: t('settings.meteredYes') },
                  { value: 'no', word: t('settings.meteredNo') },
                ]}
                onChange={(is) => set({ metered: { is } })}
                {...ties}
              />
            )}
          </Field>
          <Field label={t('settings.meteredThen')}>
            {(ties) => (
              <Select
                value={metered.then}
                options={[
                  { value: 'go-on', word: t('settings.meteredGoOn') },
                  { value: 'limit', word: t('settings.meteredLimit') },
                  { value: 'pause', word: t('settings.meteredPause') },
                ]}
                onChange={(then) => set({ metered: { then } })}
                {...ties}
              />
            )}
          </Field>
        </div>
        {metered.then === 'limit' && (
          <div className="field-pair">
            <RateField
              label={t('settings.up')}
              value={metered.upBytesPerSecond}
              onChange={(upBytesPerSecond) => set({ metered: { upBytesPerSecond } })}
            />
            <RateField
              label={t('settings.down')}
              value={metered.downBytesPerSecond}
              onChange={(downBytesPerSecond) => set({ metered: { downBytesPerSecond } })}
            />
          </div>
        )}
      </Section>
    </>
  );
}
