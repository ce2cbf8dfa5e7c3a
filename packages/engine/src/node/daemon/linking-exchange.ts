import { OnefoldError, toOnefoldError } from '@onefold/protocol';

const RETRY_MS = 1_000;

/** One side's way through a letter box at the server: what it says is said once, what it hears comes in order. */
export interface LinkingExchange {
  /** Says `message`, if any, and waits for the other side's next one. Rejects with `not-found` when the linking is over, or `signal`'s reason. */
  next(message?: Uint8Array): Promise<Uint8Array>;
  /** Says `message` and waits for nothing. */
  say(message: Uint8Array): Promise<void>;
}

/** `ask` sends and answers what is there, none when none came for a while. `said` messages went by another way already. */
export function createLinkingExchange(
  ask: (turn: {
    readonly send?: { readonly index: number; readonly message: Uint8Array };
    readonly seen: number;
    readonly wait: boolean;
  }) => Promise<readonly Uint8Array[]>,
  said: number,
  signal: AbortSignal,
): LinkingExchange {
  let index = said;
  let seen = 0;
  const heard: Uint8Array[] = [];

  async function turn(message: Uint8Array | undefined, wait: boolean): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      try {
        const messages = await ask({ ...(message === undefined ? {} : { send: { index, message } }), seen, wait });
        heard.push(...messages);
        seen += messages.length;
        if (message !== undefined) index += 1;
        return;
      } catch (thrown) {
        signal.throwIfAborted();
        const error = toOnefoldError(thrown);
        // A line that fails for a moment: the same is said again, and taken once.
        if (error.reaction !== 'back-off' || error.code === 'login-throttled') throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  return {
    async next(message) {
      let toSay = message;
      do {
        await turn(toSay, true);
        toSay = undefined;
      } while (heard.length === 0);
      const first = heard.shift();
      if (first === undefined) throw new OnefoldError('internal', 'a message got lost');
      return first;
    },
    say: (message) => turn(message, false),
  };
}
