import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import type { ReactNode, RefObject } from 'react';

interface LongListProps {
  readonly count: number;
  readonly rowHeightPx: number;
  readonly keyOf: (index: number) => string | number;
  /** What row `index` holds, or null for one that is gone. */
  readonly children: (index: number) => ReactNode;
  readonly rowClass?: string;
  /** Called when the last rows come into sight. */
  readonly onEnd?: () => void;
  readonly label?: string;
}

/** A list of rows of one height, in the page's own scroll. Only those in sight are in the page; each says which of how many it is. */
export function LongList({ count, rowHeightPx, keyOf, children, rowClass = '', onEnd, label }: LongListProps) {
  const listRef = useRef<HTMLUListElement>(null);
  const topPx = useTopPx(listRef);
  const rows = useWindowVirtualizer({
    count,
    estimateSize: () => rowHeightPx,
    overscan: 12,
    scrollMargin: topPx,
    getItemKey: keyOf,
  });
  const shown = rows.getVirtualItems();
  const isAtEnd = shown.some(({ index }) => index === count - 1);
  useLayoutEffect(() => {
    if (isAtEnd) onEnd?.();
  }, [isAtEnd, onEnd, count]);
  return (
    <ul ref={listRef} className="rows rows-long" style={{ height: rows.getTotalSize() }} aria-label={label}>
      {shown.map(({ index, key, start }) => (
        <li
          key={key}
          className={`row ${rowClass}`}
          aria-setsize={count}
          aria-posinset={index + 1}
          style={{ height: rowHeightPx, transform: `translateY(${start - topPx}px)` }}
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
