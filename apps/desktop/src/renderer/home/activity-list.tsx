import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { groupActivity } from '../model/activity-groups.ts';
import type { ActivityGroup } from '../model/activity-groups.ts';
import { splitPath } from '../model/names.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { FileName } from '../parts/file-name.tsx';
import { Icon } from '../parts/icons.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import { Section } from '../parts/section.tsx';
import { useModel, useSession } from '../parts/session-context.tsx';
import type { Failure } from '../parts/session-context.tsx';

const SHOWN_AT_FIRST = 10;
const ROW_HEIGHT_PX = 52;

/** The last ten things that happened, and on demand all that came before, however many. */
export function ActivityList() {
  const { t } = useTranslation();
  const session = useSession();
  const { activity, hasEarlierActivity } = useModel();
  const [isWhole, setWhole] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const groups = useMemo(() => groupActivity(activity), [activity]);
  const hasMore = isWhole ? hasEarlierActivity === true : groups.length > SHOWN_AT_FIRST || hasEarlierActivity === true;

  async function showEarlier(): Promise<void> {
    setFailure(null);
    try {
      if (isWhole || groups.length <= SHOWN_AT_FIRST) await session.loadEarlierActivity();
      setWhole(true);
    } catch (thrown) {
      setFailure(thrown as Failure);
    }
  }

  if (hasEarlierActivity === null) return null;
  return (
    <Section title={t('activity.title')}>
      {groups.length === 0 ? (
        <p className="teach">{t('activity.none')}</p>
      ) : isWhole ? (
        <LongList groups={groups} />
      ) : (
        <ul className="rows">
          {groups.slice(0, SHOWN_AT_FIRST).map((group) => (
            <li key={group.item.id} className="row row-activity">
              <ActivityRow group={group} />
            </li>
          ))}
        </ul>
      )}
      {hasMore && (
        <button type="button" className="button-quiet" onClick={() => void showEarlier()}>
          {t('action.showEarlier')}
        </button>
      )}
      <FailureNote failure={failure} onDismiss={() => setFailure(null)} />
    </Section>
  );
}

/** Only the rows in sight are in the page; each says which of how many it is. */
function LongList({ groups }: { readonly groups: readonly ActivityGroup[] }) {
  const listRef = useRef<HTMLUListElement>(null);
  const [topPx, setTopPx] = useState(0);
  useLayoutEffect(() => {
    const list = listRef.current;
    if (list === null) return undefined;
    // What stands above the list grows and shrinks.
    const observer = new ResizeObserver(() => setTopPx(list.getBoundingClientRect().top + window.scrollY));
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const rows = useWindowVirtualizer({
    count: groups.length,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 12,
    scrollMargin: topPx,
    getItemKey: (index) => groups[index]?.item.id ?? index,
  });
  return (
    <ul ref={listRef} className="rows rows-long" style={{ height: rows.getTotalSize() }}>
      {rows.getVirtualItems().map(({ index, key, start }) => {
        const group = groups[index];
        if (group === undefined) return null;
        return (
          <li
            key={key}
            className="row row-activity"
            aria-setsize={groups.length}
            aria-posinset={index + 1}
            style={{ transform: `translateY(${start - topPx}px)` }}
          >
            <ActivityRow group={group} />
          </li>
        );
      })}
    </ul>
  );
}

const ActivityRow = memo(function ActivityRow({ group }: { readonly group: ActivityGroup }) {
  const { t } = useTranslation();
  const { item, count } = group;
  const { name, parent } = splitPath(item.path);
  return (
    <>
      <span className={item.kind === 'conflict' || item.kind === 'attention' ? 'row-state amber' : 'row-state quiet'}>
        <Icon name={item.kind} sizePx={16} />
      </span>
      <div className="row-main">
        <div className="row-title">
          <FileName name={name} />
          {count > 1 && <span className="more">{t('activity.more', { count: count - 1 })}</span>}
        </div>
        <div className="row-words quiet cut">
          {useWhatHappened(group)}
          {parent !== '' && <bdi> · {parent}</bdi>}
        </div>
      </div>
      <span className="row-end quiet">
        <RelativeTime atMs={item.atMs} />
      </span>
    </>
  );
});

function useWhatHappened({ item }: ActivityGroup): string {
  const { t } = useTranslation();
  const where = item.device.here ? t('activity.here') : t('activity.on', { device: item.device.name });
  const previous = splitPath(item.previousPath ?? '');
  const isFromKnown = item.previousPath !== undefined;
  switch (item.kind) {
    case 'renamed':
      if (!isFromKnown) return t('activity.renamedOnly', { where });
      return t('activity.renamed', { where, previous: previous.name });
    case 'moved':
      if (!isFromKnown) return t('activity.movedOnly', { where });
      return t('activity.moved', { where, previous: previous.parent === '' ? t('activity.top') : previous.parent });
    case 'conflict':
      return t('activity.conflict', { device: item.device.name });
    case 'attention':
      return t('activity.attention');
    case 'added':
      return t('activity.added', { where });
    case 'edited':
      return t('activity.edited', { where });
    case 'deleted':
      return t('activity.deleted', { where });
    case 'restored':
      return t('activity.restored', { where });
  }
}
