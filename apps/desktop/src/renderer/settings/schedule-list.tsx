import { useTranslation } from 'react-i18next';
import type { Settings } from '@onefold/control';
import { Button, IconButton } from '../parts/button.tsx';
import { Section } from '../parts/section.tsx';
import { Switch } from '../parts/switch.tsx';
import { RateField } from './rate-field.tsx';
import { TimeField } from './time-field.tsx';

type Hours = Settings['bandwidth']['schedule'][number];
type Day = Hours['days'][number];

const DAYS: readonly Day[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** A Monday, to name the days by. */
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;
const WORKING_HOURS: Hours = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '09:00',
  to: '18:00',
  pause: false,
  upBytesPerSecond: 1_000_000,
  downBytesPerSecond: null,
};

interface ScheduleListProps {
  readonly schedule: readonly Hours[];
  readonly onChange: (schedule: Hours[]) => void;
}

/** Hours with limits of their own; the first that fits the hour holds. */
export function ScheduleList({ schedule, onChange }: ScheduleListProps) {
  const { t } = useTranslation();
  const replace = (index: number, by: Hours | null) =>
    onChange(schedule.flatMap((hours, at) => (at === index ? (by === null ? [] : [by]) : [hours])));
  return (
    <Section
      title={t('settings.schedule')}
      action={
        <Button kind="quiet" icon="plus" onClick={() => onChange([...schedule, WORKING_HOURS])}>
          {t('settings.addHours')}
        </Button>
      }
    >
      {schedule.length === 0 && <p className="quiet">{t('settings.noHours')}</p>}
      {schedule.map((hours, index) => (
        <HoursPart
          key={index}
          hours={hours}
          number={index + 1}
          onChange={(next) => replace(index, next)}
          onRemove={() => replace(index, null)}
        />
      ))}
    </Section>
  );
}

interface HoursPartProps {
  readonly hours: Hours;
  readonly number: number;
  readonly onChange: (hours: Hours) => void;
  readonly onRemove: () => void;
}

function HoursPart({ hours, number, onChange, onRemove }: HoursPartProps) {
  const { t, i18n } = useTranslation();
  const dayName = new Intl.DateTimeFormat(i18n.language, { weekday: 'short', timeZone: 'UTC' });
  const toggle = (day: Day) => {
    const days = DAYS.filter((one) => hours.days.includes(one) !== (one === day));
    if (days.length > 0) onChange({ ...hours, days });
  };
  return (
    <fieldset className="hours">
      <legend className="visually-hidden">{t('settings.hoursNumber', { count: number })}</legend>
      <div className="hours-head">
        <div className="days" role="group" aria-label={t('settings.days')}>
          {DAYS.map((day, index) => (
            <button
              key={day}
              type="button"
              className="day"
              aria-pressed={hours.days.includes(day)}
              onClick={() => toggle(day)}
            >
              {dayName.format(MONDAY + index * DAY_MS)}
            </button>
          ))}
        </div>
        <IconButton icon="deleted" label={t('settings.removeHours')} onClick={onRemove} />
      </div>
      <div className="field-pair">
        <TimeField label={t('settings.from')} value={hours.from} onChange={(from) => onChange({ ...hours, from })} />
        <TimeField label={t('settings.to')} value={hours.to} onChange={(to) => onChange({ ...hours, to })} />
      </div>
      <Switch label={t('settings.pauseThen')} isOn={hours.pause} onChange={(pause) => onChange({ ...hours, pause })} />
      {!hours.pause && (
        <div className="field-pair">
          <RateField
            label={t('settings.up')}
            value={hours.upBytesPerSecond}
            onChange={(upBytesPerSecond) => onChange({ ...hours, upBytesPerSecond })}
          />
          <RateField
            label={t('settings.down')}
            value={hours.downBytesPerSecond}
            onChange={(downBytesPerSecond) => onChange({ ...hours, downBytesPerSecond })}
          />
        </div>
      )}
    </fieldset>
  );
}
