import { OnefoldError, toOnefoldError } from '@onefold/protocol';
import { offerLinking, type AskedLinking } from '@onefold/vault';
import type { AccountContext } from './account-context.ts';
import { untilTaken } from './core-devices.ts';
import { createLinkingExchange, type LinkingExchange } from './linking-exchange.ts';
import { linkingText } from './linking-text.ts';

/*
 * The device that links another one:
 *
 *   none --start--> offered --(the words were used)--> asking --(a person approves)--> adding --> added
 *                      |                                  '--(denied)--> none
 *                      '--(stop)--> none
 *   any but none and added --(time up, a server that lies, a line that fails for good)--> failed
 *
 * There is one at a time; starting anew ends the one before. It lives in memory: a daemon that ends takes it along, and its words with it.
 */
export type LinkingState =
  | { readonly kind: 'none' }
  | { readonly kind: 'offered'; readonly words: string; readonly text: string; readonly expiresAtMs: number }
  | { readonly kind: 'asking'; readonly deviceName: string; readonly checkWords: string; readonly expiresAtMs: number }
  | { readonly kind: 'adding'; readonly deviceName: string }
  | { readonly kind: 'added'; readonly deviceName: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

export interface Linking {
  state(): LinkingState;
  /** Shows words for another device. Rejects with what the server says. */
  start(): Promise<LinkingState>;
  /** Answers for the device with these check words: another one may have come meanwhile. Throws `not-found`. */
  answer(args: { readonly approve: boolean; readonly checkWords: string }): void;
  stop(): void;
}

interface Attempt {
  readonly ending: AbortController;
  answer: (isApproved: boolean) => void;
}

export function createLinking(context: AccountContext, onChange: (state: LinkingState) => void): Linking {
  const { keys, session, account } = context;
  let state: LinkingState = { kind: 'none' };
  let current: Attempt | null = null;

  function set(attempt: Attempt | null, next: LinkingState): void {
    if (current !== attempt) return;
    state = next;
    onChange(next);
  }

  function stop(): void {
    const attempt = current;
    current = null;
    attempt?.ending.abort(new OnefoldError('not-found', 'the linking was ended here'));
    if (state.kind !== 'none') set(null, { kind: 'none' });
  }

  async function start(): Promise<LinkingState> {
    stop();
    await keys.refresh();
    const secrets = keys.secrets();
    const offered = offerLinking({
      // What it is called now.
      secrets: { ...secrets, deviceName: keys.deviceName(secrets.device) ?? secrets.deviceName },
      chain: keys.chain(),
      email: account.email,
    });
    const { rendezvous, offer, words } = offered;
    const { expiresInMs } = await session.openLinking({ rendezvous, offer });
    const attempt: Attempt = { ending: new AbortController(), answer: () => undefined };
    stop();
    current = attempt;
    const { signal } = attempt.ending;
    const expiresAtMs = Date.now() + expiresInMs;
    set(attempt, { kind: 'offered', words, text: linkingText(account.server, words), expiresAtMs });
    const exchange = createLinkingExchange((turn) => session.exchangeAsOld({ rendezvous, ...turn }, signal), 1, signal);
    const end = (): Promise<unknown> =>
      session
        .exchangeAsOld({ rendezvous, seen: 0, wait: false, end: true }, AbortSignal.timeout(10_000))
        .catch(() => undefined);

    async function run(): Promise<void> {
      const asked = offered.accept(await exchange.next());
      await exchange.say(asked.reveal);
      const { deviceName, checkWords } = asked;
      const approved = new Promise<boolean>((resolve, reject) => {
        attempt.answer = resolve;
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
      const timer = setTimeout(() => attempt.ending.abort(timeUp()), expiresInMs);
      set(attempt, { kind: 'asking', deviceName, checkWords, expiresAtMs: Date.now() + expiresInMs });
      const isApproved = await approved.finally(() => clearTimeout(timer));
      if (!isApproved) {
        await end();
        set(attempt, { kind: 'none' });
        return;
      }
      set(attempt, { kind: 'adding', deviceName });
      await add(asked, exchange);
      set(attempt, { kind: 'added', deviceName });
    }

    run().catch((thrown: unknown) => {
      const error = toOnefoldError(thrown);
      void end();
      const { code, message } = error.code === 'not-found' ? timeUp() : error;
      set(attempt, { kind: 'failed', code, message });
    });
    return state;
  }

  async function add(asked: AskedLinking, exchange: LinkingExchange): Promise<void> {
    await untilTaken(context, async () => {
      const proposed = await asked.propose(keys.secrets(), keys.chain());
      const { link, boxes } = proposed.complete(await exchange.next(proposed.message));
      await session.addDevice({ link, boxes: [...boxes] });
      await keys.appended([link]);
    });
    await exchange.say(asked.added(keys.chain()));
  }

  return {
    state: () => state,
    start,
    answer({ approve, checkWords }) {
      if (state.kind !== 'asking' || state.checkWords !== checkWords)
        throw new OnefoldError('not-found', 'no device with these check words waits');
      current?.answer(approve);
    },
    stop,
  };
}

function timeUp(): OnefoldError {
  return new OnefoldError('timeout', 'no device came in time, or it went away');
}
