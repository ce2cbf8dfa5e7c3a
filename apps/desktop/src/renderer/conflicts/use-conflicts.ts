import type { CallResult } from '@onefold/control';
import { useAnswer, useModelPart } from '../parts/session-context.tsx';
import type { Answer } from '../parts/session-context.tsx';

/** All conflicts that wait, on whichever device they were made. The daemon tells when they are others. */
export function useConflicts(): Answer<CallResult<'conflicts'>> {
  const told = useModelPart(({ conflictsTold }) => conflictsTold);
  return useAnswer('conflicts', {}, 0, String(told));
}
