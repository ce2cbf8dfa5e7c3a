import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { TreeRow } from '../model/file-tree.ts';
import { useTopPx } from '../parts/long-list.tsx';
import { hrefOf } from '../route/route.ts';
import { goTo } from '../route/use-route.ts';
import { FileRow } from './file-row.tsx';

const ROW_HEIGHT_PX = 36;
const PAGE_ROWS = 15;

interface FileTreeViewProps {
  readonly rows: readonly TreeRow[];
  /** The row that one came for; null where one came for none. */
  readonly shownKey: string | null;
  readonly onOpen: (row: TreeRow, isOpen: boolean) => void;
  readonly onAskWhy: (row: TreeRow) => void;
}

/** Whether one can look into it. */
function isFolder(row: TreeRow): boolean {
  return row.entry === null || row.entry.kind === 'folder';
}

/** Versions of a file, a folder as it was; nothing of what has neither. */
function pastHrefOf(row: TreeRow): string | null {
  const place = { folder: row.folder, path: row.entry?.path ?? '' };
  if (isFolder(row)) return hrefOf('past', place);
  return row.entry?.kind === 'file' ? hrefOf('versions', place) : null;
}

/**
 * The tree, one stop of the keyboard: arrows move and open as in every file manager, Enter opens a folder or shows a file's versions, "?"
 * asks why. Only the rows in sight are in the page.
 */
export function FileTreeView({ rows, shownKey, onOpen, onAskWhy }: FileTreeViewProps) {
  const { t } = useTranslation();
  const treeId = useId();
  const treeRef = useRef<HTMLDivElement>(null);
  const topPx = useTopPx(treeRef);
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const activeIndex = Math.max(
    0,
    rows.findIndex(({ key }) => key === activeKey),
  );
  const view = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 16,
    scrollMargin: topPx,
    getItemKey: (index) => rows[index]?.key ?? index,
  });

  const arrivedAt = useRef<string | null>(null);
  const shownIndex = shownKey === null ? -1 : rows.findIndex(({ key }) => key === shownKey);
  useEffect(() => {
    // Once: what loads later must not pull the person back.
    if (shownKey === null || shownIndex === -1 || arrivedAt.current === shownKey) return;
    arrivedAt.current = shownKey;
    setActiveKey(shownKey);
    view.scrollToIndex(shownIndex, { align: 'center' });
    treeRef.current?.focus({ preventScroll: true });
  }, [shownKey, shownIndex, view]);

  function moveTo(index: number): void {
    const to = Math.max(0, Math.min(rows.length - 1, index));
    const row = rows[to];
    if (row === undefined) return;
    setActiveKey(row.key);
    view.scrollToIndex(to);
  }

  function act(row: TreeRow): void {
    if (isFolder(row)) onOpen(row, !row.isOpen);
    else if (row.entry?.kind === 'file') goTo('versions', { folder: row.folder, path: row.entry.path });
  }

  function onKeyDown(event: KeyboardEvent): void {
    const row = rows[activeIndex];
    // A button within a row has keys of its own.
    if (row === undefined || event.target !== treeRef.current) return;
    const parent = (): number => {
      for (let index = activeIndex; index >= 0; index--) if ((rows[index]?.level ?? 0) < row.level) return index;
      return activeIndex;
    };
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => moveTo(activeIndex + 1),
      ArrowUp: () => moveTo(activeIndex - 1),
      PageDown: () => moveTo(activeIndex + PAGE_ROWS),
      PageUp: () => moveTo(activeIndex - PAGE_ROWS),
      Home: () => moveTo(0),
      End: () => moveTo(rows.length - 1),
      ArrowRight: () => {
        if (!isFolder(row)) return;
        if (row.isOpen) moveTo(activeIndex + 1);
        else onOpen(row, true);
      },
      ArrowLeft: () => {
        if (isFolder(row) && row.isOpen) onOpen(row, false);
        else moveTo(parent());
      },
      Enter: () => act(row),
      ' ': () => act(row),
      '?': () => {
        if (row.entry !== null) onAskWhy(row);
      },
    };
    const move = moves[event.key];
    if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move();
  }

  return (
    <div
      ref={treeRef}
      className="tree"
      role="tree"
      aria-label={t('files.title')}
      tabIndex={0}
      aria-activedescendant={`${treeId}-${activeIndex}`}
      style={{ height: view.getTotalSize() }}
      onKeyDown={onKeyDown}
    >
      {view.getVirtualItems().map(({ index, key, start }) => {
        const row = rows[index];
        if (row === undefined) return null;
        return (
          <div
            key={key}
            id={`${treeId}-${index}`}
            className={index === activeIndex ? 'tree-row row-with-action tree-row-active' : 'tree-row row-with-action'}
            role="treeitem"
            aria-level={row.level}
            aria-setsize={row.setSize}
            aria-posinset={row.position}
            aria-selected={index === activeIndex}
            {...(isFolder(row) ? { 'aria-expanded': row.isOpen } : {})}
            style={{ transform: `translateY(${start - topPx}px)`, paddingInlineStart: 8 + (row.level - 1) * 20 }}
            onClick={() => {
              setActiveKey(row.key);
              if (isFolder(row)) onOpen(row, !row.isOpen);
            }}
          >
            <FileRow
              row={row}
              isActive={index === activeIndex}
              pastHref={pastHrefOf(row)}
              onAskWhy={() => onAskWhy(row)}
            />
          </div>
        );
      })}
    </div>
  );
}
