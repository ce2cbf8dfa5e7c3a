import { useTranslation } from 'react-i18next';
import type { FileVersion, PlaceEvent } from '@onefold/control';
import { splitPath } from '../model/names.ts';
import { Icon } from '../parts/icons.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import { Row } from '../parts/row.tsx';
import { formatBytes, formatMoment } from '../words/format.ts';
import { VersionActions } from './version-actions.tsx';

interface VersionRowProps {
  readonly folder: string;
  readonly path: string;
  readonly version: FileVersion;
  readonly onLook: () => void;
  readonly onRestored: () => void;
}

const WORDS = { added: 'versions.added', edited: 'versions.edited', restored: 'versions.restoredBy' } as const;

/** One version: when, what made it and where, how large. */
export function VersionRow({ folder, path, version, onLook, onRestored }: VersionRowProps) {
  const { t, i18n } = useTranslation();
  const moment = formatMoment(i18n.language, version.atMs);
  return (
    <>
      <span className="row-state quiet">
        <Icon name={version.kind} sizePx={16} />
      </span>
      <div className="row-main">
        <div className="row-title">
          <button
            type="button"
            className="row-open figures"
            aria-label={t('versions.lookOf', { moment })}
            onClick={onLook}
          >
            {moment}
          </button>
          {version.isCurrent && <span className="quiet">{t('versions.current')}</span>}
        </div>
        <div className="row-words quiet cut">{t(WORDS[version.kind], { device: version.device.name })}</div>
      </div>
      <span className={version.isCurrent ? 'row-end quiet figures' : 'row-end quiet figures row-facts'}>
        <RelativeTime atMs={version.atMs} />
        <span>{formatBytes(i18n.language, version.sizeBytes)}</span>
      </span>
      {!version.isCurrent && (
        <span className="row-action">
          <VersionActions folder={folder} path={path} version={version} kind="quiet" onRestored={onRestored} />
        </span>
      )}
    </>
  );
}

/** Something that happened to the file's name between two versions. */
export function EventRow({ event }: { readonly event: PlaceEvent }) {
  const { t } = useTranslation();
  const was = splitPath(event.previousPath ?? '');
  const previous = event.kind === 'moved' ? was.parent || t('versions.top') : was.name;
  return (
    <Row
      state={
        <span className="quiet">
          <Icon name={event.kind} sizePx={16} />
        </span>
      }
      title={
        <span className="quiet cut">{t(`versions.events.${event.kind}`, { device: event.device.name, previous })}</span>
      }
      end={<RelativeTime atMs={event.atMs} />}
    />
  );
}
