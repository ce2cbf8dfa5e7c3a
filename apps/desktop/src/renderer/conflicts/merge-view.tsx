import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { lineEnds, mergedText } from '../model/merge-texts.ts';
import type { MergePart, Taken } from '../model/merge-texts.ts';
import { Button } from '../parts/button.tsx';
import { Field } from '../parts/field.tsx';
import { Segments } from '../parts/segments.tsx';

interface MergeViewProps {
  readonly parts: readonly MergePart[];
  readonly isBusy: boolean;
  readonly onBack: () => void;
  /** Whether there is something that was written by hand, and would be lost. */
  readonly onWritten: (isWritten: boolean) => void;
  readonly onSave: (text: string) => void;
}

/** One text made of two: a choice for each place where they differ, and what comes of it, to be changed by hand. */
export function MergeView({ parts, isBusy, onBack, onWritten, onSave }: MergeViewProps) {
  const { t } = useTranslation();
  const places = parts.filter((part) => part.kind === 'differs');
  const [taken, setTaken] = useState<readonly Taken[]>(places.map(() => 'both'));
  const [edited, setEdited] = useState<string | null>(null);
  const write = (text: string | null): void => {
    setEdited(text);
    onWritten(text !== null);
  };
  const chosen = mergedText(parts, taken);
  const ends = lineEnds(...places.flatMap(({ left, right }) => [left, right]), chosen);
  const shown = edited ?? chosen;
  // A field for typing has one way to end a line; the file keeps its own.
  const save = () => onSave(edited === null || ends !== 'crlf' ? shown : shown.replaceAll('\n', '\r\n'));
  return (
    <div className="merge">
      <p className="quiet">{t('conflicts.mergeWhat')}</p>
      <ol className="merge-places">
        {places.map(({ left, right }, index) => {
          const label = t('conflicts.place', { number: index + 1, count: places.length });
          return (
            <li key={index} className="merge-place">
              <div className="merge-choice">
                <span className="quiet">{label}</span>
                {edited === null && (
                  <Segments<Taken>
                    label={label}
                    value={taken[index] ?? 'both'}
                    options={[
                      { value: 'left', word: t('conflicts.underName') },
                      { value: 'right', word: t('conflicts.asCopy') },
                      { value: 'both', word: t('conflicts.takeBoth') },
                    ]}
                    onChange={(value) => setTaken(taken.with(index, value))}
                  />
                )}
              </div>
              <div className="merge-sides">
                {[left, right].map((text, side) => (
                  <pre key={side} className="merge-side">
                    {text === '' ? t('conflicts.nothingHere') : text}
                  </pre>
                ))}
              </div>
            </li>
          );
        })}
      </ol>
      <Field label={t('conflicts.result')} hint={ends === 'mixed' ? t('conflicts.mixedEnds') : undefined}>
        {(ties) => (
          <textarea
            className="input merge-result"
            rows={10}
            spellCheck={false}
            value={shown}
            readOnly={ends === 'mixed'}
            onChange={(event) => write(event.target.value)}
            {...ties}
          />
        )}
      </Field>
      <p className="quiet">{t('conflicts.bothHint')}</p>
      <div className="dialog-actions">
        {edited !== null && <Button onClick={() => write(null)}>{t('conflicts.startOver')}</Button>}
        <Button onClick={onBack}>{t('conflicts.mergeBack')}</Button>
        <Button kind="primary" disabled={isBusy} onClick={save}>
          {t('conflicts.saveMerged')}
        </Button>
      </div>
    </div>
  );
}
