import { useEffect, useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { isAllPaused } from '@onefold/control';
import { isHeldByRule, tellTruth } from '../model/truth.ts';
import type { Truth } from '../model/truth.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { Icon } from '../parts/icons.tsx';
import { Mark } from '../parts/mark.tsx';
import { useAsking, useModelPart, useSession } from '../parts/session-context.tsx';
import { hrefOf } from '../route/route.ts';
import { formatDuration } from '../words/format.ts';

export function TruthHeading() {
  const { t, i18n } = useTranslation();
  const line = useModelPart((model) => model.line);
  const status = useModelPart((model) => model.status);
  const truth = tellTruth({ line, status });
  const left = truth.secondsLeft === null ? '' : formatDuration(i18n.language, truth.secondsLeft);
  const values = { count: truth.count, left };
  const sentence = t(truth.key, values).replace(/<\/?em>/gu, '');
  const detail = useDetail(truth);

  useEffect(() => {
    document.title = status === null ? t('app.name') : `${sentence.replace(/\.$/u, '')} · ${t('app.name')}`;
  }, [sentence, status, t]);

  return (
    <header className="truth">
      <Mark state={truth.mark} sizePx={44} />
      <div className="truth-words">
        <h1>
          <Trans i18nKey={truth.key} values={values} count={truth.count} components={{ em: <em /> }} />
        </h1>
        {detail !== null && <p>{detail}</p>}
        <Announcement truthKey={truth.key} sentence={sentence} />
      </div>
      {line === 'open' && status !== null && status.folders.length > 0 && (
        <div className="truth-action">
          {isHeldByRule(status) ? (
            <a className="button" href={hrefOf('settings', { part: 'bandwidth' })}>
              {t('action.changeHold')}
            </a>
          ) : (
            <PauseButton isPaused={isAllPaused(status)} />
          )}
        </div>
      )}
    </header>
  );
}

/** Read aloud when the sentence becomes another one, not with every number in it. */
function Announcement({ truthKey, sentence }: { readonly truthKey: string; readonly sentence: string }) {
  return (
    <div className="visually-hidden" role="status" aria-atomic="true">
      <Once key={truthKey} sentence={sentence} />
    </div>
  );
}

function Once({ sentence }: { readonly sentence: string }) {
  const [first] = useState(sentence);
  return <span>{first}</span>;
}

function PauseButton({ isPaused }: { readonly isPaused: boolean }) {
  const { t } = useTranslation();
  const { ask, isBusy, failure, dismiss } = useAsking();
  return (
    <>
      <button
        type="button"
        className={isPaused ? 'button button-primary' : 'button'}
        disabled={isBusy}
        onClick={() => void ask(isPaused ? 'resume' : 'pause', {})}
      >
        <Icon name={isPaused ? 'resume' : 'pause'} sizePx={16} />
        {isPaused ? t('action.resume') : t('action.pause')}
      </button>
      <FailureNote failure={failure} onDismiss={dismiss} />
    </>
  );
}

function useDetail({ detail }: Truth): string | null {
  const { t } = useTranslation();
  const { isEngineRestarted } = useSession();
  if (detail === null) return null;
  switch (detail.key) {
    case 'detail.kept':
      return t('detail.kept', {
        files: t('detail.files', { count: detail.files }),
        folders: t('detail.folders', { count: detail.folders }),
      });
    case 'detail.attentionWaiting':
      return t('detail.attentionWaiting', { count: detail.count });
    case 'detail.offlineBecause':
      return t(`detail.offlineBecause.${detail.cause}`);
    case 'detail.lost':
      return t(isEngineRestarted ? 'detail.lostWindow' : 'detail.lost');
    default:
      return t(detail.key);
  }
}
