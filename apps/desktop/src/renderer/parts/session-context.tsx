import { createContext, useCallback, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import type { CallArgs, CallName, CallResult } from '@onefold/control';
import type { Session } from '../line/session.ts';
import type { Model } from '../model/model.ts';

const SessionContext = createContext<Session | null>(null);

export function SessionProvider({ session, children }: { readonly session: Session; readonly children: ReactNode }) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('no session around this part of the page');
  return session;
}

export function useModel(): Model {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, session.model, session.model);
}

/** What went wrong, for the words of `errors`. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

interface Asking {
  readonly isBusy: boolean;
  readonly failure: Failure | null;
  readonly dismiss: () => void;
  /** @returns null when it failed; then `failure` says why, and so is whoever wants to hear of it */
  readonly ask: <N extends CallName>(
    name: N,
    args: CallArgs<N>,
    onFailure?: (failure: Failure) => void,
  ) => Promise<CallResult<N> | null>;
}

/** One call at a time, and what became of it. */
export function useAsking(): Asking {
  const session = useSession();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const ask = useCallback(
    async <N extends CallName>(
      name: N,
      args: CallArgs<N>,
      onFailure?: (failure: Failure) => void,
    ): Promise<CallResult<N> | null> => {
      setBusy(true);
      setFailure(null);
      try {
        return await session.call(name, args);
      } catch (thrown) {
        const failed = toFailure(thrown);
        setFailure(failed);
        onFailure?.(failed);
        return null;
      } finally {
        setBusy(false);
      }
    },
    [session],
  );
  const dismiss = useCallback(() => setFailure(null), []);
  return { isBusy, failure, dismiss, ask };
}

export function toFailure(thrown: unknown): Failure {
  const { code, message } = thrown as Partial<Failure>;
  return {
    code: typeof code === 'string' ? code : 'internal',
    message: typeof message === 'string' ? message : String(thrown),
  };
}

/**
 * What a call answers, asked again when its arguments or `version` change; the last answer stays while the next is on its way. Asks nothing
 * for `null`.
 */
export function useAnswer<N extends CallName>(
  name: N,
  args: CallArgs<N> | null,
  version: string | number = 0,
): Answer<CallResult<N>> {
  const session = useSession();
  const { line } = useModel();
  const [answer, setAnswer] = useState<CallResult<N> | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [turn, setTurn] = useState(0);
  const text = args === null ? null : JSON.stringify(args);
  useEffect(() => {
    if (text === null || line !== 'open') return undefined;
    let isWanted = true;
    session.call(name, JSON.parse(text) as CallArgs<N>).then(
      (result) => {
        if (!isWanted) return;
        setAnswer(result);
        setFailure(null);
      },
      (thrown: unknown) => {
        if (isWanted) setFailure(toFailure(thrown));
      },
    );
    return () => {
      isWanted = false;
    };
  }, [session, line, name, text, version, turn]);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  return { answer, failure, again };
}

export interface Answer<R> {
  /** null until the first has come. */
  readonly answer: R | null;
  readonly failure: Failure | null;
  readonly again: () => void;
}
