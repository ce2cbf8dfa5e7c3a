import { useId } from 'react';
import type { SyncState } from '@onefold/control';

/** One sheet folded once: a single line that crosses itself at the crease and comes back to its start. On a 24 px grid. */
const SHEET =
  'M15 18.9A1.6 1.6 0 0 1 13.4 20.5H5.1A1.6 1.6 0 0 1 3.5 18.9V10.6A1.6 1.6 0 0 1 5.1 9H19.5A.9.9 0 0 0 20.15 7.45L16.55 3.85A.9.9 0 0 0 15 4.5Z';
/** The same line, not come back. */
const OPEN_SHEET =
  'M15 14V4.5A.9.9 0 0 1 16.55 3.85L20.15 7.45A.9.9 0 0 1 19.5 9H5.1A1.6 1.6 0 0 0 3.5 10.6V18.9A1.6 1.6 0 0 0 5.1 20.5H10';

export type MarkState = SyncState | 'plain';

interface MarkProps {
  readonly state?: MarkState;
  readonly sizePx: number;
  /** Without it the mark is decoration and words beside it say the same. */
  readonly label?: string;
}

/** The mark, which is the state icon too: closed and still, a fold travelling along it, open, two bars, or a dot on the fold. */
export function Mark({ state = 'plain', sizePx, label }: MarkProps) {
  const maskId = useId();
  const strokeWidth = sizePx < 20 ? 2.1 : sizePx < 32 ? 1.9 : 1.6;
  return (
    <svg
      className={`mark mark-${state}`}
      width={sizePx}
      height={sizePx}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={strokeWidth}
      strokeLinejoin="round"
      strokeLinecap="round"
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      {state === 'attention' && (
        <mask id={maskId}>
          <rect width="24" height="24" fill="white" stroke="none" />
          <circle cx="15" cy="9" r="4.5" fill="black" stroke="none" />
        </mask>
      )}
      <path
        className="mark-line"
        d={state === 'offline' ? OPEN_SHEET : SHEET}
        {...(state === 'attention' ? { mask: `url(#${maskId})` } : {})}
      />
      {state === 'syncing' && <path className="mark-fold" d={SHEET} pathLength={100} />}
      {state === 'paused' && <path d="M7.6 12.6v4.3M10.9 12.6v4.3" />}
      {state === 'attention' && <circle className="mark-dot" cx="15" cy="9" r="3" stroke="none" />}
    </svg>
  );
}
