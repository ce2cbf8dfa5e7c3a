import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallResult, PastChange } from '@onefold/control';
import { splitPath } from '../model/names.ts';
import { Button } from '../parts/button.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { FileName } from '../parts/file-name.tsx';
import { Icon } from '../parts/icons.tsx';
import type { IconName } from '../parts/icons.tsx';
import { LongList } from '../parts/long-list.tsx';
import { PageHeading } from '../parts/page-heading.tsx';
import { Row } from '../parts/row.tsx';
import { useAnswer, useModelPart } from '../parts/session-context.tsx';
import { hrefOf } from '../route/route.ts';
import { replaceQuery, useRoute } from '../route/use-route.ts';
import { formatBytes, formatMoment } from '../words/format.ts';
import { GoBackDialog, useGoingBack } from './go-back-dialog.tsx';
import { MomentField } from './moment-field.tsx';

const ROW_HEIGHT_PX = 52;
const ICONS: Readonly<Record<PastChange['change'], IconName>> = {
  'added-back': 'added',
  'changed-back': 'restored',
  removed: 'deleted',
};
const WORDS = {
  'added-back': 'past.addedBack',
  'changed-back': 'past.changedBack',
  removed: 'past.removed',
} as const;

/** A folder as it was at a moment: what going back would change, then doing it. The address holds `folder`, `path` and `at`, in ms. */
export function PastScreen() {
  const { t, i18n } = useTranslation();
  const { query } = useRoute();
  const firstFolder = useModelPart(({ status }) => status?.folders[0]?.path);
  const state = useModelPart(({ status }) => status?.state);
  const folder = query['folder'] ?? firstFolder ?? '';
  const path = query['path'] ?? '';
  const at = Number(query['at'] ?? '');
  const atMs = Number.isSafeInteger(at) && at > 0 ? at : null;
  const [isAsking, setAsking] = useState(false);
  const { answer, failure, again } = useAnswer(
    'lookBack',
    folder === '' || atMs === null ? null : { folder, path, atMs },
    0,
    state,
  );
  const going = useGoingBack({ folder, path }, again);
  const { name, parent } = splitPath(path === '' ? folder : path);
  const place = path === '' ? '' : [splitPath(folder).name, parent].filter((part) => part !== '').join(' / ');
  const total = answer === null ? 0 : countOf(answer);
  const choose = (chosen: number): void => replaceQuery({ folder, path, at: String(Math.max(1, chosen)) });
  return (
    <div className="page">
      <PageHeading
        title={t('past.title', { name })}
        detail={place === '' ? t('past.detail') : place}
        actions={
          <a className="button" href={hrefOf('files', { folder, path })}>
            {t('versions.toFiles')}
          </a>
        }
      />
      <MomentField atMs={atMs} asOfMs={answer?.asOfMs ?? null} onMoment={choose} />
      <FailureNote failure={failure ?? going.failure} onDismiss={failure === null ? going.dismiss : again} />
      {atMs === null && <EmptyState icon="clock" text={t('past.choose')} />}
      {atMs !== null && answer !== null && (
        <div className="past-sum" role="status">
          <p>
            {answer.asOfMs === null
              ? t('past.nothingYet')
              : t('past.asOf', { moment: formatMoment(i18n.language, answer.asOfMs) })}
          </p>
          <p className="quiet">{total === 0 ? t('past.same') : <Counts look={answer} />}</p>
        </div>
      )}
      {going.skipped.length > 0 && (
        <section aria-label={t('past.skipped', { count: going.skipped.length })}>
          <p className="amber">{t('past.skipped', { count: going.skipped.length })}</p>
          <ul className="rows">
            {going.skipped.slice(0, 20).map((one) => (
              <li key={one.path} className="row">
                <bdi className="row-main cut">{one.path}</bdi>
              </li>
            ))}
          </ul>
        </section>
      )}
      {answer !== null && total > 0 && (
        <>
          <p>
            <Button kind="primary" icon="restored" disabled={going.isBusy} onClick={() => setAsking(true)}>
              {t('past.do')}
            </Button>
          </p>
          <LongList
            label={t('past.changes')}
            count={answer.changes.length}
            rowHeightPx={ROW_HEIGHT_PX}
            rowClass="row-activity"
            keyOf={(index) => answer.changes[index]?.path ?? index}
          >
            {(index) => {
              const change = answer.changes[index];
              return change === undefined ? null : <ChangeRow change={change} />;
            }}
          </LongList>
          {total > answer.changes.length && (
            <p className="quiet">{t('past.more', { count: total - answer.changes.length })}</p>
          )}
        </>
      )}
      {isAsking && answer !== null && atMs !== null && (
        <GoBackDialog
          name={name}
          asOfMs={answer.asOfMs ?? atMs}
          removed={answer.counts.removed}
          onClose={() => setAsking(false)}
          onDo={() => {
            setAsking(false);
            void going.goBack(atMs, answer.asOfMs ?? atMs);
          }}
        />
      )}
    </div>
  );
}

function countOf({ counts }: CallResult<'lookBack'>): number {
  return counts.addedBack + counts.changedBack + counts.removed;
}

function Counts({ look }: { readonly look: CallResult<'lookBack'> }) {
  const { t, i18n } = useTranslation();
  const { addedBack, changedBack, removed } = look.counts;
  const parts = [
    ...(addedBack === 0 ? [] : [t('past.countAdded', { count: addedBack })]),
    ...(changedBack === 0 ? [] : [t('past.countChanged', { count: changedBack })]),
    ...(removed === 0 ? [] : [t('past.countRemoved', { count: removed })]),
    ...(look.sizeBytes === 0 ? [] : [t('past.fetched', { size: formatBytes(i18n.language, look.sizeBytes) })]),
  ];
  return <>{parts.join(' · ')}</>;
}

function ChangeRow({ change: { path, change, sizeBytes } }: { readonly change: PastChange }) {
  const { t, i18n } = useTranslation();
  const { name, parent } = splitPath(path);
  return (
    <Row
      state={
        <span className="quiet">
          <Icon name={ICONS[change]} sizePx={16} />
        </span>
      }
      title={<FileName name={name} />}
      words={parent}
      end={
        <>
          <span>{t(WORDS[change])}</span>
          <span className="figures">{formatBytes(i18n.language, sizeBytes)}</span>
        </>
      }
    />
  );
}
