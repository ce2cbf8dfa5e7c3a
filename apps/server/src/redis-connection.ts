import { createClient, RESP_TYPES, type RedisClientType } from 'redis';

/*
 * Redis is a convenience: everything is right without it. So no call waits for it longer than a short deadline, and after a few failures in a row it is
 * left alone for a moment.
 *
 *   closed  -> FAILURES failures in a row -> open      every call answers undefined at once
 *   open    -> after REST_MS              -> closed    the next call tries
 */

const FAILURES = 3;
const REST_MS = 1_000;
const RECONNECT_MS = 250;
/** Trouble that goes on is told again after so long. */
const TOLD_EVERY_MS = 60_000;

/** Tells of the first of many failures, and of one a minute while they go on: what is gone for a day fails ten times a second. */
export function tellSparingly(
  tell: (error: unknown) => void,
  nowMs: () => number = () => performance.now(),
): (error: unknown) => void {
  let toldAtMs = -Infinity;
  return (error) => {
    if (nowMs() - toldAtMs < TOLD_EVERY_MS) return;
    toldAtMs = nowMs();
    tell(error);
  };
}

/** Connects in the background, again and again; a server that is not there at the start is no error. */
export function connectRedis(url: string, onError: (error: unknown) => void): RedisClientType {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: 10_000,
    socket: { connectTimeout: 2_000, reconnectStrategy: () => RECONNECT_MS + Math.random() * RECONNECT_MS },
  });
  client.on('error', onError);
  client.connect().catch(onError);
  return client;
}

/** The same connection, answering strings as bytes. */
export function inBytes(client: RedisClientType) {
  return client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
}

/** Runs calls of something that may be slow or gone; see above. */
export interface CircuitBreaker {
  /** The call's answer; undefined when it failed, took too long, or was not made. */
  attempt<T>(call: () => Promise<T>): Promise<T | undefined>;
  readonly isOpen: boolean;
}

export function createCircuitBreaker(deadlineMs: number, nowMs: () => number): CircuitBreaker {
  let failures = 0;
  let openUntilMs = 0;
  return {
    get isOpen() {
      return nowMs() < openUntilMs;
    },
    async attempt(call) {
      if (nowMs() < openUntilMs) return undefined;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('no answer in time')), deadlineMs);
      });
      try {
        const answer = await Promise.race([call(), late]);
        failures = 0;
        return answer;
      } catch {
        if (++failures >= FAILURES) {
          failures = 0;
          openUntilMs = nowMs() + REST_MS;
        }
        return undefined;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
