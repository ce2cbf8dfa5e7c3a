import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import type { ReactNode, RefObject } from 'react';

interface LongListProps {
  readonly count: number;
  readonly rowHeightPx: number;
  /** Each row is as high as what it holds; `rowHeightPx` is then what is assumed of those not seen yet. */
  readonly isRowMeasured?: boolean;
  readonly keyOf: (index: number) => string | number;
  /** What row `index` holds, or null for one that is gone. */
  readonly children: (index: number) => ReactNode;
  readonly rowClass?: string;
  readonly listClass?: string;
  /** Called when the last rows come into sight. */
  readonly onEnd?: () => void;
  readonly label?: string;
}

/** A list of very many rows, in the page's own scroll. Only those in sight are in the page; each says which of how many it is. */
export function LongList(props: LongListProps) {
  const {
    count,
    rowHeightPx,
    isRowMeasured = false,
    keyOf,
    children,
    rowClass = '',
    listClass = '',
    onEnd,
    label,
  } = props;
  const listRef = useRef<HTMLUListElement>(null);
  const topPx = useTopPx(listRef);
  // Rows of one height need no key to know where they stand: with keys, all of them are asked for whenever anything is rendered.
  const rows = useWindowVirtualizer({
    count,
    estimateSize: () => rowHeightPx,
    overscan: 12,
    scrollMargin: topPx,
    ...(isRowMeasured ? { getItemKey: keyOf } : {}),
  });
  const shown = rows.getVirtualItems();
  const isAtEnd = shown.some(({ index }) => index === count - 1);
  useLayoutEffect(() => {
    if (isAtEnd) onEnd?.();
  }, [isAtEnd, onEnd, count]);
  return (
    <ul
      ref={listRef}
      className={`rows rows-long ${listClass}`}
      style={{ height: rows.getTotalSize() }}
      aria-label={label}
    >
      {shown.map(({ index, start }) => (
        <li
          key={keyOf(index)}
          {...(isRowMeasured ? { ref: rows.measureElement, 'data-index': index } : {})}
          className={`row ${rowClass}`}
          aria-setsize={count}
          aria-posinset={index + 1}
          style={{ height: isRowMeasured ? 'auto' : rowHeightPx, transform: `translateY(${start - topPx}px)` }}
        >
          {children(index)}
        </li>
      ))}
    </ul>
  );
}

/** How far below the top of the page an element begins; what stands above it may grow and shrink. */
export function useTopPx(ref: RefObject<HTMLElement | null>): number {
  const [topPx, setTopPx] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() =>
      setTopPx(Math.round(element.getBoundingClientRect().top + window.scrollY)),
    );
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [ref]);
  return topPx;
}
