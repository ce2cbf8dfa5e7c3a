import { useId, useState } from 'react';
import type { FocusEvent, KeyboardEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { momentText, readMomentText } from '../model/moment-text.ts';
import { readTime, shownTime } from '../model/written-time.ts';
import type { DatePart, Half, Writing } from '../model/written-time.ts';
import { TextInput } from '../parts/field.tsx';
import { Select } from '../parts/select.tsx';
import { TimeInput, useWriting } from '../parts/time-input.tsx';

interface Draft {
  readonly year: string;
  /** 01 to 12. */
  readonly month: string;
  readonly day: string;
  readonly time: string;
  readonly half: Half;
}

interface MomentInputProps {
  readonly atMs: number | null;
  readonly onMoment: (atMs: number) => void;
}

/** A moment in fields, as the language of the page writes it. Taken with Enter, and when all of it is left. */
export function MomentInput({ atMs, onMoment }: MomentInputProps) {
  const { t } = useTranslation();
  const writing = useWriting();
  const nameId = useId();
  const [shownMs, setShownMs] = useState(atMs);
  const [draft, setDraft] = useState(() => draftOf(atMs, writing));
  const [isWrong, setWrong] = useState(false);
  // What was chosen otherwise is shown anew; the fields stay, and the keyboard in them.
  if (shownMs !== atMs) {
    setShownMs(atMs);
    setDraft(draftOf(atMs, writing));
    setWrong(false);
  }

  function take(next: Draft): void {
    const { year, month, day, time, half } = next;
    const isPartly = [year, day, time].includes('');
    const date = [year.padStart(4, '0'), month, day.padStart(2, '0')].join('-');
    const read = isPartly ? null : readMomentText(`${date}T${readTime(time, half, writing) ?? ''}`);
    // A day that its month does not have would be read as one of the next.
    const isDay = read !== null && momentText(read).startsWith(date);
    setWrong(!isPartly && !isDay);
    if (isDay && (atMs === null || momentText(read) !== momentText(atMs))) onMoment(read);
  }

  function change(part: Partial<Draft>, isWhole = false): void {
    const next = { ...draft, ...part };
    setDraft(next);
    if (isWhole) take(next);
  }

  const names = (part: DatePart): string => t(`clock.${part}`);
  const parts: Readonly<Record<DatePart, () => ReactNode>> = {
    year: () => (
      <TextInput
        key="year"
        size={4}
        maxLength={4}
        inputMode="numeric"
        aria-label={names('year')}
        value={draft.year}
        onValue={(year) => change({ year })}
      />
    ),
    month: () => (
      <Select
        key="month"
        label={names('month')}
        value={draft.month}
        options={writing.months.map((word, index) => ({ value: String(index + 1).padStart(2, '0'), word }))}
        onChange={(month) => change({ month }, true)}
      />
    ),
    day: () => (
      <TextInput
        key="day"
        size={2}
        maxLength={2}
        inputMode="numeric"
        aria-label={names('day')}
        value={draft.day}
        onValue={(day) => change({ day })}
      />
    ),
  };
  return (
    <div className="field">
      <span id={nameId} className="field-name">
        {t('past.moment')}
      </span>
      <div
        className="moment-input figures"
        role="group"
        aria-labelledby={nameId}
        onBlur={(event: FocusEvent<HTMLElement>) => {
          if (!event.currentTarget.contains(event.relatedTarget)) take(draft);
        }}
        onKeyDown={(event: KeyboardEvent) => {
          if (event.key === 'Enter') take(draft);
        }}
      >
        {writing.order.map((part) => parts[part]())}
        <TimeInput
          writing={writing}
          label={t('clock.time')}
          text={draft.time}
          half={draft.half}
          onText={(time) => change({ time })}
          onHalf={(half) => change({ half }, true)}
        />
      </div>
      <div role="alert">{isWrong && <p className="field-error">{t('past.noMoment')}</p>}</div>
    </div>
  );
}

function draftOf(atMs: number | null, writing: Writing): Draft {
  const known = momentText(atMs ?? Date.now());
  const { text, half } = shownTime(atMs === null ? '' : known.slice(11), writing);
  const [year = '', month = '01', day = ''] = known.slice(0, 10).split('-');
  return { year, month, day: String(Number(day)), time: text, half };
}
