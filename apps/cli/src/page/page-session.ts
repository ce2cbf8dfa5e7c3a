import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A one-time address is good for this long. */
const TOKEN_LIFETIME_MS = 10 * 60 * 1000;
const MAX_OPEN_TOKENS = 64;

/*
 *   issued token --(opened once, in time)--> cookie --> good until the daemon ends
 *   issued token --(time up, or opened before)--> nothing
 * Only hashes are kept, compared in constant time.
 */
export interface PageSessions {
  /** A fresh one-time token. */
  issue(): string;
  /** Trades a one-time token for the value of the session cookie; null when it is unknown, used or too old. */
  open(token: string): string | null;
  isOpen(cookie: string | undefined): boolean;
}

export function createPageSessions(monotonicMs: () => number): PageSessions {
  const tokens = new Map<string, number>();
  const cookies: Buffer[] = [];

  return {
    issue() {
      const token = randomBytes(32).toString('base64url');
      tokens.set(digest(token).toString('hex'), monotonicMs() + TOKEN_LIFETIME_MS);
      const oldest = tokens.keys().next();
      if (tokens.size > MAX_OPEN_TOKENS && oldest.done !== true) tokens.delete(oldest.value);
      return token;
    },
    open(token) {
      const key = digest(token).toString('hex');
      const goodUntilMs = tokens.get(key);
      tokens.delete(key);
      if (goodUntilMs === undefined || monotonicMs() > goodUntilMs) return null;
      const cookie = randomBytes(32).toString('base64url');
      cookies.push(digest(cookie));
      return cookie;
    },
    isOpen(cookie) {
      if (cookie === undefined) return false;
      const given = digest(cookie);
      return cookies.some((known) => timingSafeEqual(known, given));
    },
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
