import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { ActivityRow } from '../activity/activity-row.tsx';
import { groupActivity } from '../model/activity-groups.ts';
import { latestOf } from '../model/undo.ts';
import { Section } from '../parts/section.tsx';
import { useModelPart } from '../parts/session-context.tsx';
import { hrefOf } from '../route/route.ts';

const SHOWN = 10;

/** The last ten things that happened, and the way to all of them. */
export function ActivityList() {
  const { t } = useTranslation();
  const activity = useModelPart((model) => model.activity);
  const hasEarlierActivity = useModelPart((model) => model.hasEarlierActivity);
  const groups = useMemo(() => groupActivity(activity, SHOWN + 1), [activity]);
  const latest = useMemo(() => latestOf(groups, activity), [groups, activity]);
  if (hasEarlierActivity === null) return null;
  return (
    <Section title={t('activity.title')}>
      {groups.length === 0 ? (
        <p className="teach">{t('activity.none')}</p>
      ) : (
        <ul className="rows">
          {groups.slice(0, SHOWN).map((group) => (
            <li key={group.item.id} className="row row-activity row-with-action">
              <ActivityRow group={group} isLatest={latest.has(group.item.id)} />
            </li>
          ))}
        </ul>
      )}
      {(hasEarlierActivity || groups.length > SHOWN) && (
        <a className="button-quiet" href={hrefOf('activity')}>
          {t('action.showEarlier')}
        </a>
      )}
    </Section>
  );
}
