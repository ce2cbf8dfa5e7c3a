import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { ReactNode } from 'react';
import type { CallArgs, CallName, CallResult } from '@onefold/control';
import type { Session } from '../line/session.ts';
import type { Model } from '../model/model.ts';
import { after } from './after.ts';
import { createAsker } from './asker.ts';
import type { Asker } from './asker.ts';

const SessionContext = createContext<Session | null>(null);

export function SessionProvider({ session, children }: { readonly session: Session; readonly children: ReactNode }) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('no session around this part of the page');
  return session;
}

/**
 * A part of what the page knows. Whoever asks for it is rendered anew only when that part is another one, and not with each of the many events of a
 * transfer.
 * @param select gives a plain value or a part of the model as it stands there, never something made for the occasion
 */
export function useModelPart<T>(select: (model: Model) => T): T {
  const session = useSession();
  const read = (): T => select(session.model());
  return useSyncExternalStore(session.subscribe, read, read);
}

/** The kept folders' absolute paths, the same list as long as they are the same. */
export function useFolderPaths(): readonly string[] {
  const list = useModelPart(({ status }) => (status?.folders ?? []).map(({ path }) => path).join('\0'));
  return useMemo(() => (list === '' ? [] : list.split('\0')), [list]);
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
 * What a call answers; the last answer stays while the next is on its way. Asks nothing for `null`.
 * @param turn changes with what the person does here: asked again at once, as for other arguments
 * @param told changes with what is told of elsewhere: however fast, answers come through, one after the other and no faster than they are given
 */
export function useAnswer<N extends CallName>(
  name: N,
  args: CallArgs<N> | null,
  turn = 0,
  told?: string,
): Answer<CallResult<N>> {
  const session = useSession();
  const isLineOpen = useModelPart(({ line }) => line === 'open');
  const [answer, setAnswer] = useState<CallResult<N> | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [ownTurn, setOwnTurn] = useState(0);
  const text = args === null ? null : JSON.stringify(args);
  const asker = useRef<Asker | null>(null);
  useEffect(() => {
    if (text === null || !isLineOpen) return undefined;
    const asking = createAsker({
      ask: () => session.call(name, JSON.parse(text) as CallArgs<N>),
      onAnswer(result) {
        setAnswer(result);
        setFailure(null);
      },
      onFailure: (thrown) => setFailure(toFailure(thrown)),
      nowMs: () => performance.now(),
      after,
    });
    asker.current = asking;
    return () => {
      asker.current = null;
      asking.close();
    };
  }, [session, isLineOpen, name, text, turn, ownTurn]);
  const askedFor = useRef(told);
  useEffect(() => {
    if (askedFor.current === told) return;
    askedFor.current = told;
    asker.current?.renew();
  }, [told]);
  const again = useCallback(() => setOwnTurn((before) => before + 1), []);
  return { answer, failure, again };
}

export interface Answer<R> {
  /** null until the first has come. */
  readonly answer: R | null;
  readonly failure: Failure | null;
  readonly again: () => void;
}
