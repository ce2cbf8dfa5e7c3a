import { useTranslation } from 'react-i18next';
import { Button } from '../parts/button.tsx';
import { MomentInput } from './moment-input.tsx';

const HOUR_MS = 3_600_000;
const QUICK = [
  { word: 'past.hour', agoMs: HOUR_MS },
  { word: 'past.day', agoMs: 24 * HOUR_MS },
  { word: 'past.week', agoMs: 7 * 24 * HOUR_MS },
  { word: 'past.month', agoMs: 30 * 24 * HOUR_MS },
] as const;

interface MomentFieldProps {
  /** null while none is chosen. */
  readonly atMs: number | null;
  /** When the last change up to that moment was taken by the server; null where that is not known. */
  readonly asOfMs: number | null;
  readonly onMoment: (atMs: number) => void;
}

/** A moment: typed, by a word, or change by change as the server took them. */
export function MomentField({ atMs, asOfMs, onMoment }: MomentFieldProps) {
  const { t } = useTranslation();
  return (
    <div className="moment">
      <MomentInput atMs={atMs} onMoment={onMoment} />
      <div className="moment-quick">
        {QUICK.map(({ word, agoMs }) => (
          <Button key={word} onClick={() => onMoment(Date.now() - agoMs)}>
            {t(word)}
          </Button>
        ))}
        <Button icon="restored" disabled={asOfMs === null} onClick={() => onMoment((asOfMs ?? 1) - 1)}>
          {t('past.earlier')}
        </Button>
      </div>
    </div>
  );
}
