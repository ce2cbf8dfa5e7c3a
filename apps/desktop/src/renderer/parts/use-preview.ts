import { useState } from 'react';
import type { CallArgs, Preview } from '@onefold/control';
import { useAnswer } from './session-context.tsx';
import type { Failure } from './session-context.tsx';

interface Looked {
  /** Null until it has come, and while nothing is asked for. Never of anything but what is asked for now. */
  readonly preview: Preview | null;
  readonly failure: Failure | null;
  readonly again: () => void;
}

/** A look at what a file holds, or held. `turn` asks anew when it changes. */
export function usePreview(args: CallArgs<'preview'> | null, turn = 0): Looked {
  const { answer, failure, again } = useAnswer('preview', args, turn);
  const key = JSON.stringify(args);
  // The answer before stays while the next is on its way; two states of a file must not be taken for each other.
  const [shown, setShown] = useState({ key, answer });
  if (shown.answer !== answer) setShown({ key, answer });
  return {
    preview: shown.key === key && shown.answer === answer ? answer : null,
    failure: args === null ? null : failure,
    again,
  };
}
