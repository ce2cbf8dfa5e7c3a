import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { useConflicts } from '../conflicts/use-conflicts.ts';
import { Icon } from '../parts/icons.tsx';
import { Mark } from '../parts/mark.tsx';
import { useModelPart } from '../parts/session-context.tsx';
import { Tooltip } from '../parts/tooltip.tsx';
import { hrefOf } from '../route/route.ts';
import type { ScreenName } from '../route/route.ts';
import { RAIL } from './screens.tsx';
import type { RailEntry } from './screens.tsx';

interface RailProps {
  readonly current: ScreenName;
}

/** Where one is and can go, and who this is. */
export const Rail = memo(function Rail({ current }: RailProps) {
  const { t } = useTranslation();
  const device = useModelPart(({ status }) => status?.device.name);
  const email = useModelPart(({ status }) => status?.account.email);
  return (
    <header className="rail">
      <div className="rail-brand">
        <Mark sizePx={26} />
        <span className="rail-word">{t('app.name')}</span>
      </div>
      <nav className="rail-nav" aria-label={t('rail.label')}>
        <RailList place="top" current={current} />
        <RailList place="foot" current={current} />
      </nav>
      {device !== undefined && (
        <div className="rail-foot">
          <div className="rail-who">
            <span className="visually-hidden">{t('rail.here')}: </span>
            <strong>{device}</strong>
            <span title={email}>{email}</span>
          </div>
        </div>
      )}
    </header>
  );
});

function RailList({ place, current }: { readonly place: RailEntry['place']; readonly current: ScreenName }) {
  const entries = RAIL.filter((entry) => entry.place === place);
  if (entries.length === 0) return null;
  return (
    <ul className={`rail-list rail-list-${place}`}>
      {entries.map((entry) => (
        <li key={entry.screen}>
          <RailLink entry={entry} isCurrent={entry.screen === current || entry.alsoFor?.includes(current) === true} />
        </li>
      ))}
    </ul>
  );
}

function RailLink({ entry, isCurrent }: { readonly entry: RailEntry; readonly isCurrent: boolean }) {
  const { t } = useTranslation();
  const word = t(`rail.${entry.word}`);
  return (
    // The rail shows words where it is wide enough; the tooltip is for where it is not.
    <Tooltip text={word} side="right" isFor="narrow">
      <a className="rail-item" href={hrefOf(entry.screen)} {...(isCurrent ? { 'aria-current': 'page' } : {})}>
        <Icon name={entry.icon} />
        <span className="rail-word">{word}</span>
        {entry.screen === 'conflicts' && <ConflictBadge />}
      </a>
    </Tooltip>
  );
}

/** How many conflicts wait, on whichever device they were made: each device can decide each. */
function ConflictBadge() {
  const { answer } = useConflicts();
  const waiting = answer?.conflicts.length ?? 0;
  return waiting > 0 ? <span className="rail-badge figures">{waiting}</span> : null;
}
