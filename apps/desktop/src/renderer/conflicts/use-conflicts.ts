import type { CallResult } from '@onefold/control';
import { useAnswer, useModelPart } from '../parts/session-context.tsx';
import type { Answer } from '../parts/session-context.tsx';

/** All conflicts that wait, on whichever device they were made. Made, renamed or removed: each is an activity, or something that needs someone. */
export function useConflicts(): Answer<CallResult<'conflicts'>> {
  const newest = useModelPart(({ activity }) => activity[0]?.id ?? '');
  const waiting = useModelPart(({ status }) => status?.attention.length ?? 0);
  return useAnswer('conflicts', {}, 0, `${newest} ${waiting}`);
}
