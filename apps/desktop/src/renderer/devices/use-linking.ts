import { useCallback, useEffect, useState } from 'react';
import type { LinkingState } from '@onefold/control';
import { toFailure, useSession } from '../parts/session-context.tsx';
import type { Failure } from '../parts/session-context.tsx';

const LOOK_EVERY_MS = 500;

interface LinkingHere {
  readonly state: LinkingState | null;
  readonly failure: Failure | null;
  readonly start: () => void;
  readonly answer: (approve: boolean, checkWords: string) => void;
}

/** Shows words for another device as long as this is rendered, and follows what becomes of them. */
export function useLinking(): LinkingHere {
  const session = useSession();
  const [state, setState] = useState<LinkingState | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isWanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const follow = async (call: 'startLinking' | 'linking'): Promise<void> => {
      const { linking } = await session.call(call, {});
      if (!isWanted) return;
      setState(linking);
      setFailure(null);
      if (['offered', 'asking', 'adding'].includes(linking.kind))
        timer = setTimeout(() => void run('linking'), LOOK_EVERY_MS);
    };
    const run = (call: 'startLinking' | 'linking'): Promise<void> =>
      follow(call).catch((thrown: unknown) => {
        if (isWanted) setFailure(toFailure(thrown));
      });
    void run('startLinking');
    return () => {
      isWanted = false;
      clearTimeout(timer);
      // Words that nobody sees any more are void.
      session.call('stopLinking', {}).catch(() => undefined);
    };
  }, [session, turn]);
  const start = useCallback(() => setTurn((before) => before + 1), []);
  const answer = useCallback(
    (approve: boolean, checkWords: string) => {
      session.call('answerLinking', { approve, checkWords }).catch((thrown: unknown) => setFailure(toFailure(thrown)));
    },
    [session],
  );
  return { state, failure, start, answer };
}
