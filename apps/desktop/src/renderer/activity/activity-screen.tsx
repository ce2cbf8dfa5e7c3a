import { useCallback, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { filterActivity } from '../model/activity-filter.ts';
import type { ActivityFilter, KindFilter } from '../model/activity-filter.ts';
import { groupActivity } from '../model/activity-groups.ts';
import { latestOf } from '../model/undo.ts';
import { Button } from '../parts/button.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { LongList } from '../parts/long-list.tsx';
import { PageHeading } from '../parts/page-heading.tsx';
import { SearchInput } from '../parts/search-input.tsx';
import { Select } from '../parts/select.tsx';
import { useModelPart, useSession } from '../parts/session-context.tsx';
import type { Failure } from '../parts/session-context.tsx';
import { ActivityRow } from './activity-row.tsx';

const ROW_HEIGHT_PX = 52;
const ANY: ActivityFilter = { text: '', kind: 'all', device: '' };

/** Who changed what, where and when, all of it, with undo where that is possible. */
export function ActivityScreen() {
  const { t } = useTranslation();
  const activity = useModelPart((model) => model.activity);
  const hasEarlierActivity = useModelPart((model) => model.hasEarlierActivity);
  const devices = useModelPart((model) => model.devices);
  const [filter, setFilter] = useState(ANY);
  const groups = useMemo(() => groupActivity(filterActivity(activity, filter)), [activity, filter]);
  const latest = useMemo(() => latestOf(groups, activity), [groups, activity]);
  const { load, failure, dismiss } = useEarlier();
  if (hasEarlierActivity === null) return null;
  return (
    <div className="page">
      <PageHeading title={t('activity.title')} detail={t('activity.detail')} />
      <div className="tools" role="search">
        <SearchInput
          label={t('activity.search')}
          value={filter.text}
          onValue={(text) => setFilter({ ...filter, text })}
        />
        <Select<KindFilter>
          label={t('activity.kind')}
          value={filter.kind}
          onChange={(kind) => setFilter({ ...filter, kind })}
          options={[
            { value: 'all', word: t('activity.kindAll') },
            { value: 'changes', word: t('activity.kindChanges') },
            { value: 'deletions', word: t('activity.kindDeletions') },
            { value: 'conflicts', word: t('activity.kindConflicts') },
          ]}
        />
        <Select
          label={t('activity.device')}
          value={filter.device}
          onChange={(device) => setFilter({ ...filter, device })}
          options={[
            { value: '', word: t('activity.deviceAll') },
            ...devices.map(({ id, name }) => ({ value: id, word: name })),
          ]}
        />
      </div>
      {groups.length === 0 ? (
        <EmptyState icon="activity" text={activity.length === 0 ? t('activity.none') : t('activity.noneFound')} />
      ) : (
        <LongList
          label={t('activity.title')}
          count={groups.length}
          rowHeightPx={ROW_HEIGHT_PX}
          rowClass="row-activity row-with-action"
          keyOf={(index) => groups[index]?.item.id ?? index}
          {...(hasEarlierActivity ? { onEnd: load } : {})}
        >
          {(index) => {
            const group = groups[index];
            return group === undefined ? null : <ActivityRow group={group} isLatest={latest.has(group.item.id)} />;
          }}
        </LongList>
      )}
      {hasEarlierActivity && (
        <div>
          <Button kind="quiet" onClick={load}>
            {t('action.showEarlier')}
          </Button>
        </div>
      )}
      <FailureNote failure={failure} onDismiss={dismiss} />
    </div>
  );
}

/** Earlier pages, one at a time, when the end of the list comes into sight. */
function useEarlier(): { readonly load: () => void; readonly failure: Failure | null; readonly dismiss: () => void } {
  const session = useSession();
  const [failure, setFailure] = useState<Failure | null>(null);
  const isLoading = useRef(false);
  const load = useCallback(() => {
    if (isLoading.current) return;
    isLoading.current = true;
    setFailure(null);
    session
      .loadEarlierActivity()
      .catch((thrown: unknown) => setFailure(thrown as Failure))
      .finally(() => {
        isLoading.current = false;
      });
  }, [session]);
  return { load, failure, dismiss: () => setFailure(null) };
}
