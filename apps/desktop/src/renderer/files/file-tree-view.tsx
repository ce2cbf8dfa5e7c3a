import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { keyOf, placeOfRow } from '../model/file-tree.ts';
import type { TreePlace, TreeRow, TreeRows } from '../model/file-tree.ts';
import { useTopPx } from '../parts/long-list.tsx';
import { goTo } from '../route/use-route.ts';
import { FileRow } from './file-row.tsx';

const ROW_HEIGHT_PX = 36;
const PAGE_ROWS = 15;

interface FileTreeViewProps {
  readonly rows: TreeRows;
  /** The row that one came for; null where one came for none. */
  readonly shown: TreePlace | null;
  /** Both must stay the same functions, or every row is made anew. */
  readonly onOpen: (place: TreePlace, isOpen: boolean) => void;
  readonly onAskWhy: (place: TreePlace) => void;
}

/** Whether one can look into it. */
function isFolder({ entry }: TreeRow): boolean {
  return entry === null || entry.kind === 'folder';
}

/**
 * The tree, one stop of the keyboard: arrows move and open as in every file manager, Enter opens a folder or shows a file's versions, "?"
 * asks why. Only the rows in sight are in the page.
 */
export function FileTreeView({ rows, shown, onOpen, onAskWhy }: FileTreeViewProps) {
  const { t } = useTranslation();
  const treeId = useId();
  const treeRef = useRef<HTMLDivElement>(null);
  const topPx = useTopPx(treeRef);
  const [active, setActive] = useState<TreePlace | null>(null);
  const activeIndex = useMemo(() => Math.max(0, active === null ? 0 : rows.indexOf(active)), [rows, active]);
  // Rows have one height, so that where they stand needs no key: with keys, all of them are asked for whenever anything is rendered.
  const view = useWindowVirtualizer({
    count: rows.count,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 16,
    scrollMargin: topPx,
  });

  const arrivedAt = useRef<string | null>(null);
  const shownKey = shown === null ? null : keyOf(shown.folder, shown.path);
  const shownIndex = useMemo(() => (shown === null ? -1 : rows.indexOf(shown)), [rows, shown]);
  useEffect(() => {
    // Once: what loads later must not pull the person back.
    if (shown === null || shownIndex === -1 || arrivedAt.current === shownKey) return;
    arrivedAt.current = shownKey;
    setActive(shown);
    view.scrollToIndex(shownIndex, { align: 'center' });
    treeRef.current?.focus({ preventScroll: true });
  }, [shown, shownKey, shownIndex, view]);

  function moveTo(index: number): void {
    const to = Math.max(0, Math.min(rows.count - 1, index));
    const row = rows.at(to);
    if (row === null) return;
    setActive(placeOfRow(row));
    view.scrollToIndex(to);
  }

  function act(row: TreeRow): void {
    const place = placeOfRow(row);
    if (isFolder(row)) onOpen(place, !row.isOpen);
    else if (row.entry?.kind === 'file') goTo('versions', { ...place });
  }

  function onKeyDown(event: KeyboardEvent): void {
    const row = rows.at(activeIndex);
    // A button within a row has keys of its own.
    if (row === null || event.target !== treeRef.current) return;
    const parent = (): number => {
      for (let index = activeIndex; index >= 0; index--) if ((rows.at(index)?.level ?? 0) < row.level) return index;
      return activeIndex;
    };
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => moveTo(activeIndex + 1),
      ArrowUp: () => moveTo(activeIndex - 1),
      PageDown: () => moveTo(activeIndex + PAGE_ROWS),
      PageUp: () => moveTo(activeIndex - PAGE_ROWS),
      Home: () => moveTo(0),
      End: () => moveTo(rows.count - 1),
      ArrowRight: () => {
        if (!isFolder(row)) return;
        if (row.isOpen) moveTo(activeIndex + 1);
        else onOpen(placeOfRow(row), true);
      },
      ArrowLeft: () => {
        if (isFolder(row) && row.isOpen) onOpen(placeOfRow(row), false);
        else moveTo(parent());
      },
      Enter: () => act(row),
      ' ': () => act(row),
      '?': () => {
        if (row.entry !== null) onAskWhy(placeOfRow(row));
      },
    };
    const move = moves[event.key];
    if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move();
  }

  const onChoose = useCallback(
    (place: TreePlace, toOpen: boolean | null) => {
      setActive(place);
      if (toOpen !== null) onOpen(place, toOpen);
    },
    [onOpen],
  );

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
      {view.getVirtualItems().map(({ index, start }) => {
        const row = rows.at(index);
        if (row === null) return null;
        return (
          <FileRow
            key={keyOf(row.folder, row.entry?.path ?? '')}
            id={`${treeId}-${index}`}
            {...row}
            offsetPx={start - topPx}
            isActive={index === activeIndex}
            onChoose={onChoose}
            onAskWhy={onAskWhy}
          />
        );
      })}
    </div>
  );
}
