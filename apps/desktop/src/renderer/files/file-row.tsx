import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { TreeRow } from '../model/file-tree.ts';
import { splitPath } from '../model/names.ts';
import { FileName } from '../parts/file-name.tsx';
import { Icon, KIND_ICONS } from '../parts/icons.tsx';
import { formatBytes } from '../words/format.ts';

interface FileRowProps {
  readonly row: TreeRow;
  readonly isActive: boolean;
  /** Versions of a file, or a folder as it was. */
  readonly pastHref: string | null;
  readonly onAskWhy: () => void;
}

/** One entry: what it is, its name, and how it stands. Safe has no words and no colour. */
export const FileRow = memo(function FileRow({ row, isActive, pastHref, onAskWhy }: FileRowProps) {
  const { t, i18n } = useTranslation();
  const { entry } = row;
  const { name } = splitPath(entry?.path ?? row.folder);
  const isFolder = entry === null || entry.kind === 'folder';
  const state = entry?.state ?? 'safe';
  // Only the row that the keyboard is on lets it in.
  const tabIndex = isActive ? 0 : -1;
  return (
    <>
      <span className="tree-twist">
        {isFolder && <Icon name={row.isOpen ? 'chevronDown' : 'chevronRight'} sizePx={16} />}
      </span>
      <Icon name={entry === null ? 'folder' : KIND_ICONS[entry.kind]} sizePx={16} />
      <span className="tree-name">
        <FileName name={name} />
      </span>
      <span className="row-facts tree-facts figures">
        {state !== 'safe' && (
          <span className={state === 'attention' || state === 'not-yet-safe' ? 'amber' : 'quiet'}>
            {t(`files.states.${state}`)}
          </span>
        )}
        {entry?.kind === 'file' && <span className="quiet">{formatBytes(i18n.language, entry.sizeBytes)}</span>}
      </span>
      <span className="row-action">
        {state !== 'safe' && (
          <button
            type="button"
            className="button-quiet"
            tabIndex={tabIndex}
            aria-label={t('files.whyOf', { name })}
            onClick={(event) => {
              event.stopPropagation();
              onAskWhy();
            }}
          >
            {t('files.why')}
          </button>
        )}
        {pastHref !== null && (
          <a
            className="button-quiet"
            href={pastHref}
            tabIndex={tabIndex}
            aria-label={isFolder ? t('past.asItWasOf', { name }) : t('files.versionsOf', { name })}
            onClick={(event) => event.stopPropagation()}
          >
            {isFolder ? t('past.asItWas') : t('files.versions')}
          </a>
        )}
      </span>
    </>
  );
});
