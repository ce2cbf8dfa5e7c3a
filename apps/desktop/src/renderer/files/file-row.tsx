import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { placeOfRow } from '../model/file-tree.ts';
import type { TreePlace, TreeRow } from '../model/file-tree.ts';
import { splitPath } from '../model/names.ts';
import { FileName } from '../parts/file-name.tsx';
import { Icon, KIND_ICONS } from '../parts/icons.tsx';
import { hrefOf } from '../route/route.ts';
import { formatBytes } from '../words/format.ts';

interface FileRowProps extends TreeRow {
  readonly id: string;
  /** From the top of the tree. */
  readonly offsetPx: number;
  readonly isActive: boolean;
  /** `toOpen` is null for what cannot be opened. */
  readonly onChoose: (place: TreePlace, toOpen: boolean | null) => void;
  readonly onAskWhy: (place: TreePlace) => void;
}

/** Versions of a file, a folder as it was; nothing of what has neither. */
function pastHrefOf(isFolder: boolean, kind: string, place: TreePlace): string | null {
  if (isFolder) return hrefOf('past', { ...place });
  return kind === 'file' ? hrefOf('versions', { ...place }) : null;
}

/**
 * One entry: what it is, its name, and how it stands. Safe has no words and no colour. Made anew only when something in it is another:
 * everything it is given is compared, so nothing of it may be made afresh for each rendering.
 */
export const FileRow = memo(function FileRow(props: FileRowProps) {
  const { id, folder, entry, level, isOpen, setSize, position, offsetPx, isActive, onChoose, onAskWhy } = props;
  const { t, i18n } = useTranslation();
  const place = placeOfRow(props);
  const { name } = splitPath(entry?.path ?? folder);
  const isFolder = entry === null || entry.kind === 'folder';
  const state = entry?.state ?? 'safe';
  const pastHref = pastHrefOf(isFolder, entry?.kind ?? 'folder', place);
  // Only the row that the keyboard is on lets it in.
  const tabIndex = isActive ? 0 : -1;
  return (
    <div
      id={id}
      className={isActive ? 'tree-row row-with-action tree-row-active' : 'tree-row row-with-action'}
      role="treeitem"
      aria-level={level}
      aria-setsize={setSize}
      aria-posinset={position}
      aria-selected={isActive}
      {...(isFolder ? { 'aria-expanded': isOpen } : {})}
      style={{ transform: `translateY(${offsetPx}px)`, paddingInlineStart: 8 + (level - 1) * 20 }}
      onClick={() => onChoose(place, isFolder ? !isOpen : null)}
    >
      <span className="tree-twist">
        {isFolder && <Icon name={isOpen ? 'chevronDown' : 'chevronRight'} sizePx={16} />}
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
              onAskWhy(place);
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
    </div>
  );
});
