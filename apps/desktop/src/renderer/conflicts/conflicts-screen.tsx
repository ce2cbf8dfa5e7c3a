import { useTranslation } from 'react-i18next';
import type { Conflict } from '@onefold/control';
import { splitPath } from '../model/names.ts';
import { Button } from '../parts/button.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { FileName } from '../parts/file-name.tsx';
import { Icon } from '../parts/icons.tsx';
import { LongList } from '../parts/long-list.tsx';
import { PageHeading } from '../parts/page-heading.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import { Row } from '../parts/row.tsx';
import { replaceQuery, useRoute } from '../route/use-route.ts';
import { ConflictDialog } from './conflict-dialog.tsx';
import { useSideWords } from './side-words.ts';
import { useConflicts } from './use-conflicts.ts';

const ROW_HEIGHT_PX = 60;

/** Files that changed on two devices, the last first. The address names the one that is decided on: `folder` and `path`. */
export function ConflictsScreen() {
  const { t } = useTranslation();
  const { query } = useRoute();
  const { answer, failure, again } = useConflicts();
  const conflicts = answer?.conflicts ?? [];
  const opened = conflicts.find(({ folder, path }) => folder === query['folder'] && path === query['path']);
  const close = (): void => replaceQuery({});
  return (
    <div className="page">
      <PageHeading title={t('conflicts.title')} detail={t('conflicts.detail')} />
      <FailureNote failure={failure} onDismiss={again} />
      {answer !== null && conflicts.length === 0 && <EmptyState icon="conflict" text={t('conflicts.none')} />}
      {conflicts.length > 0 && (
        <LongList
          label={t('conflicts.title')}
          count={conflicts.length}
          rowHeightPx={ROW_HEIGHT_PX}
          rowClass="row-with-action"
          keyOf={(index) => `${conflicts[index]?.folder ?? ''}/${conflicts[index]?.path ?? index}`}
        >
          {(index) => {
            const conflict = conflicts[index];
            return conflict === undefined ? null : <ConflictRow conflict={conflict} />;
          }}
        </LongList>
      )}
      {opened !== undefined && (
        <ConflictDialog
          key={`${opened.folder}/${opened.path}`}
          conflict={opened}
          onClose={close}
          onDecided={() => {
            close();
            again();
          }}
          onUndone={again}
        />
      )}
    </div>
  );
}

function ConflictRow({ conflict }: { readonly conflict: Conflict }) {
  const { t } = useTranslation();
  const sideWords = useSideWords();
  const { folder, path, original, copy, other, atMs } = conflict;
  const { name, parent } = splitPath(original);
  const place = [splitPath(folder).name, parent].filter((part) => part !== '').join(' / ');
  const sides = [other === null ? t('conflicts.goneShort') : sideWords(other), sideWords(copy)];
  return (
    <Row
      state={
        <span className="amber">
          <Icon name="conflict" sizePx={16} />
        </span>
      }
      title={
        <>
          <FileName name={name} />
          <bdi className="quiet cut">{place}</bdi>
        </>
      }
      words={sides.join('  ·  ')}
      end={<RelativeTime atMs={atMs} />}
      action={
        <Button
          kind="quiet"
          aria-label={t('conflicts.decideOf', { name })}
          onClick={() => replaceQuery({ folder, path })}
        >
          {t('conflicts.decide')}
        </Button>
      }
    />
  );
}
