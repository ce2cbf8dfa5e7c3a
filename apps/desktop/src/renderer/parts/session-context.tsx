import { createContext, useCallback, useContext, useState, useSyncExternalStore } from 'react';
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
  /** @returns null when it failed; then `failure` says why */
  readonly ask: <N extends CallName>(name: N, args: CallArgs<N>) => Promise<CallResult<N> | null>;
}

/** One call at a time, and what became of it. */
export function useAsking(): Asking {
  const session = useSession();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const ask = useCallback(
    async <N extends CallName>(name: N, args: CallArgs<N>): Promise<CallResult<N> | null> => {
      setBusy(true);
      setFailure(null);
      try {
        return await session.call(name, args);
      } catch (thrown) {
        setFailure(toFailure(thrown));
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

function toFailure(thrown: unknown): Failure {
  const { code, message } = thrown as Partial<Failure>;
  return {
    code: typeof code === 'string' ? code : 'internal',
    message: typeof message === 'string' ? message : String(thrown),
  };
}
