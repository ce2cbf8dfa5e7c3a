import type { ReactNode } from 'react';

interface RowProps {
  /** A drawing of how it stands. */
  readonly state?: ReactNode;
  readonly title: ReactNode;
  /** A second line, in small. */
  readonly words?: ReactNode;
  /** Facts at the right. */
  readonly end?: ReactNode;
  /** Takes the place of the facts while the row is pointed at or has the focus. */
  readonly action?: ReactNode;
}

/** What a list item holds: state at the left, truth in the middle, action at the right. Goes into an element of class `row`. */
export function Row({ state, title, words, end, action }: RowProps) {
  return (
    <>
      {state !== undefined && <span className="row-state">{state}</span>}
      <div className="row-main">
        <div className="row-title">{title}</div>
        {words !== undefined && <div className="row-words quiet cut">{words}</div>}
      </div>
      {end !== undefined && <span className="row-end quiet row-facts">{end}</span>}
      {action !== undefined && <span className="row-action">{action}</span>}
    </>
  );
}
