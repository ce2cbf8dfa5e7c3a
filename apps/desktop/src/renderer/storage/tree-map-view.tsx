import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { StoragePart } from '@onefold/control';
import { placeParts } from '../model/tree-map.ts';
import { FileName } from '../parts/file-name.tsx';
import { formatBytes } from '../words/format.ts';

const HEIGHT_PX = 400;
/** Smaller than this, an area has no words. */
const WORDS_FROM_PX = { width: 52, height: 18 };

interface TreeMapViewProps {
  readonly parts: readonly StoragePart[];
  readonly onOpen: (path: string) => void;
}

/**
 * What takes the space, as areas. It is for eyes and pointers alone: the table beside it says and does the same for everyone, so this is
 * hidden from screen readers and takes no stop of the keyboard.
 */
export function TreeMapView({ parts, onOpen }: TreeMapViewProps) {
  const { t, i18n } = useTranslation();
  const ref = useRef<HTMLDivElement>(null);
  const [widthPx, setWidthPx] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setWidthPx(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const placed = useMemo(() => placeParts(parts, widthPx, HEIGHT_PX), [parts, widthPx]);
  return (
    <div ref={ref} className="tree-map" style={{ height: HEIGHT_PX }} aria-hidden>
      {placed.map(({ part, depth, leftPx, topPx, widthPx: width, heightPx: height, isOpened }) => {
        const name = part.kind === 'rest' ? t('storage.rest') : part.name;
        const size = formatBytes(i18n.language, part.sizeBytes);
        const hasWords = width >= WORDS_FROM_PX.width && height >= WORDS_FROM_PX.height;
        return (
          <div
            key={part.id}
            className={`area area-${part.kind} area-depth-${Math.min(depth, 3)}`}
            style={{ left: leftPx, top: topPx, width, height }}
            title={`${name}, ${size}`}
            {...(part.kind === 'folder' ? { onClick: () => onOpen(part.path) } : {})}
          >
            {hasWords && (
              <span className="area-words">
                <FileName name={name} />
                {(isOpened || height > 36) && <span className="area-size figures">{size}</span>}
              </span>
            )}
          </div>
        );
      })}
    </div>
  );
}
