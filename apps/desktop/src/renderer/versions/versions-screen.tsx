import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { splitPath } from '../model/names.ts';
import { timeLineOf } from '../model/time-line.ts';
import { EmptyState } from '../parts/empty-state.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { LongList } from '../parts/long-list.tsx';
import { PageHeading } from '../parts/page-heading.tsx';
import { useAnswer, useModelPart } from '../parts/session-context.tsx';
import { hrefOf } from '../route/route.ts';
import { replaceQuery, useRoute } from '../route/use-route.ts';
import { VersionDialog } from './version-dialog.tsx';
import { EventRow, VersionRow } from './version-row.tsx';

const ROW_HEIGHT_PX = 52;

/** The life of one file, newest first. The address names it: `folder` and `path`; and the version that is looked at: `version`. */
export function VersionsScreen() {
  const { t } = useTranslation();
  const { query } = useRoute();
  const { folder = '', path = '' } = query;
  // What happened to the file makes a new version.
  const newest = useModelPart(
    ({ activity }) => activity.find((item) => item.folder === folder && item.path === path)?.id,
  );
  const args = folder === '' || path === '' ? null : { folder, path };
  const { answer, failure, again } = useAnswer('versions', args, 0, newest);
  const items = useMemo(() => (answer === null ? [] : timeLineOf(answer.versions, answer.events)), [answer]);
  const looked = items.find((item) => item.kind === 'version' && item.key === query['version']);
  const { name, parent } = splitPath(path);
  const place = [splitPath(folder).name, parent].filter((part) => part !== '').join(' / ');
  const many = answer === null ? '' : t('versions.count', { count: answer.versions.length });
  const close = (): void => replaceQuery({ folder, path });
  return (
    <div className="page">
      <PageHeading
        title={name === '' ? t('versions.title') : name}
        detail={[place, many].filter((part) => part !== '').join(' · ')}
        actions={
          <a className="button" href={hrefOf('files')}>
            {t('versions.toFiles')}
          </a>
        }
      />
      <FailureNote failure={failure} onDismiss={again} />
      {args === null && <EmptyState icon="clock" text={t('versions.choose')} />}
      {args !== null && answer !== null && items.length === 0 && <EmptyState icon="clock" text={t('versions.none')} />}
      {items.length > 0 && (
        <section aria-label={t('versions.title')}>
          <LongList
            label={t('versions.title')}
            count={items.length}
            rowHeightPx={ROW_HEIGHT_PX}
            rowClass="row-activity row-with-action row-time-line"
            keyOf={(index) => items[index]?.key ?? index}
          >
            {(index) => {
              const item = items[index];
              if (item === undefined) return null;
              if (item.kind === 'event') return <EventRow event={item.event} />;
              return (
                <VersionRow
                  folder={folder}
                  path={path}
                  version={item.version}
                  onLook={() => replaceQuery({ folder, path, version: item.version.version })}
                  onRestored={again}
                />
              );
            }}
          </LongList>
        </section>
      )}
      {looked?.kind === 'version' && (
        <VersionDialog
          folder={folder}
          path={path}
          version={looked.version}
          before={looked.before}
          current={answer?.versions.find(({ isCurrent }) => isCurrent) ?? null}
          onClose={close}
          onRestored={() => {
            close();
            again();
          }}
        />
      )}
    </div>
  );
}
