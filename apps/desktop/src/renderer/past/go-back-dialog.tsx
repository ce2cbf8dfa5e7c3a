import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallResult } from '@onefold/control';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { useAsking } from '../parts/session-context.tsx';
import type { Failure } from '../parts/session-context.tsx';
import { useTell } from '../parts/toast.tsx';
import { formatMoment } from '../words/format.ts';

type Skipped = CallResult<'goBack'>['skipped'];

interface GoingBack {
  readonly isBusy: boolean;
  readonly failure: Failure | null;
  readonly dismiss: () => void;
  /** What was left as it is the last time. */
  readonly skipped: Skipped;
  readonly goBack: (atMs: number, asOfMs: number) => Promise<void>;
}

/** Goes back, says so, and offers to take it back: by going to the moment before it. */
export function useGoingBack(place: { readonly folder: string; readonly path: string }, onDone: () => void): GoingBack {
  const { t, i18n } = useTranslation();
  const { ask, isBusy, failure, dismiss } = useAsking();
  const tell = useTell();
  const [skipped, setSkipped] = useState<Skipped>([]);
  const moment = (atMs: number): string => formatMoment(i18n.language, atMs);

  async function takeBack(beforeMs: number): Promise<void> {
    const result = await ask('goBack', { ...place, atMs: beforeMs });
    if (result === null) return;
    setSkipped(result.skipped);
    tell(t('past.takenBack'));
    onDone();
  }

  async function goBack(atMs: number, asOfMs: number): Promise<void> {
    const result = await ask('goBack', { ...place, atMs });
    if (result === null) return;
    setSkipped(result.skipped);
    tell(t('past.done', { count: result.done, moment: moment(asOfMs) }), {
      word: t('past.undo'),
      onChoose: () => void takeBack(result.beforeMs),
    });
    onDone();
  }
  return { isBusy, failure, dismiss, skipped, goBack };
}

interface GoBackDialogProps {
  readonly name: string;
  readonly asOfMs: number;
  readonly removed: number;
  readonly onClose: () => void;
  readonly onDo: () => void;
}

export function GoBackDialog({ name, asOfMs, removed, onClose, onDo }: GoBackDialogProps) {
  const { t, i18n } = useTranslation();
  return (
    <Dialog
      title={t('past.ask', { name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" onClick={onDo}>
            {t('past.do')}
          </Button>
        </>
      }
    >
      <p>{t('past.askWhat', { moment: formatMoment(i18n.language, asOfMs) })}</p>
      {removed > 0 && <p>{t('past.askRemoved', { count: removed })}</p>}
      <p className="quiet">{t('past.askUndo')}</p>
    </Dialog>
  );
}
