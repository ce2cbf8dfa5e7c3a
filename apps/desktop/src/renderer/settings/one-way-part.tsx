import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Direction } from '@onefold/control';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Section } from '../parts/section.tsx';
import { Segments } from '../parts/segments.tsx';
import { useAnswer, useAsking, useModelPart, useSession } from '../parts/session-context.tsx';
import { usePages } from '../parts/use-pages.ts';

const SHOWN = 50;

/** Whether changes travel both ways, and what differs where they do not. */
export function OneWayPart({ folder }: { readonly folder: string }) {
  const { t } = useTranslation();
  const state = useModelPart(({ status }) => status?.state);
  const [turn, setTurn] = useState(0);
  const [isAsking, setAsking] = useState(false);
  const { answer, failure: unread, again } = useAnswer('oneWay', { folder, limit: SHOWN }, turn, state);
  const { ask, isBusy, failure, dismiss } = useAsking();
  const refresh = () => setTurn((before) => before + 1);
  const session = useSession();
  const { pages, more } = usePages(
    answer,
    useCallback(
      (after: string) => session.call('oneWay', { folder, limit: SHOWN, after }).catch(() => null),
      [session, folder],
    ),
  );
  if (answer === null) return <FailureNote failure={unread} onDismiss={again} />;
  const { mode, total } = answer;
  const differences = pages.flatMap((page) => page.differences);
  const set = async (next: Direction) => {
    await ask('setOneWay', { folder, mode: next });
    refresh();
  };
  const settle = async () => {
    setAsking(false);
    await ask('settleOneWay', { folder });
    refresh();
  };
  return (
    <Section title={t('settings.oneWay')}>
      <Segments
        label={t('settings.oneWay')}
        value={mode}
        options={[
          { value: 'two-way', word: t('settings.twoWay') },
          { value: 'send-only', word: t('settings.sendOnly') },
          { value: 'receive-only', word: t('settings.receiveOnly') },
        ]}
        onChange={(next) => void set(next)}
      />
      <p className="quiet setting-note">
        {t(
          mode === 'two-way'
            ? 'settings.twoWayWhat'
            : mode === 'send-only'
              ? 'settings.sendWhat'
              : 'settings.receiveWhat',
        )}
      </p>
      <FailureNote failure={failure} onDismiss={dismiss} />
      {mode !== 'two-way' && total > 0 && (
        <>
          <p>{t('settings.differs', { count: total })}</p>
          <ul className="rows" aria-label={t('settings.differs', { count: total })}>
            {differences.map(({ path, difference }) => (
              <li key={path} className="row">
                <bdi className="row-main cut">{path}</bdi>
                <span className="quiet">{t(`settings.difference.${difference}`)}</span>
              </li>
            ))}
          </ul>
          <p className="section-act">
            {more !== null && <Button onClick={more}>{t('settings.showMore')}</Button>}
            <Button disabled={isBusy} onClick={() => setAsking(true)}>
              {t(mode === 'send-only' ? 'settings.settleSend' : 'settings.settleReceive')}
            </Button>
          </p>
        </>
      )}
      {isAsking && mode !== 'two-way' && (
        <Dialog
          title={t(mode === 'send-only' ? 'settings.settleSend' : 'settings.settleReceive')}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onClick={() => setAsking(false)}>{t('action.cancel')}</Button>
              <Button kind="danger" onClick={() => void settle()}>
                {t('settings.settleDo')}
              </Button>
            </>
          }
        >
          <p>{t(mode === 'send-only' ? 'settings.settleSendWhat' : 'settings.settleReceiveWhat')}</p>
        </Dialog>
      )}
    </Section>
  );
}
