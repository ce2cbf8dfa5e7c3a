import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { ActivityGroup } from '../model/activity-groups.ts';
import { splitPath } from '../model/names.ts';
import { FileName } from '../parts/file-name.tsx';
import { Icon } from '../parts/icons.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import { UndoButton } from './undo-button.tsx';

interface ActivityRowProps {
  readonly group: ActivityGroup;
  /** Whether nothing happened to it since. */
  readonly isLatest: boolean;
}

/** One thing that happened, or a run of the same. What can be undone says so when the row is looked at. */
export const ActivityRow = memo(function ActivityRow({ group, isLatest }: ActivityRowProps) {
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
      <span className="row-end quiet row-facts">
        <RelativeTime atMs={item.atMs} />
      </span>
      {count === 1 && isLatest && <UndoButton item={item} />}
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
