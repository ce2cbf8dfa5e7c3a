/** A bucket of tokens per key: `perMinute` on average, a tenth of that at once. */
export interface RateLimit {
  /** Milliseconds until a token is there; 0 = taken. */
  take(key: string, nowMs: number): number;
}

const MAX_KEYS = 50_000;

export function createRateLimit(perMinute: number): RateLimit {
  const perMs = perMinute / 60_000;
  const burst = Math.max(10, perMinute / 10);
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return {
    take(key, nowMs) {
      const known = buckets.get(key);
      const tokens =
        known === undefined ? burst : Math.min(burst, known.tokens + Math.max(0, nowMs - known.atMs) * perMs);
      buckets.delete(key);
      if (buckets.size >= MAX_KEYS) {
        const oldest = buckets.keys().next().value;
        if (oldest !== undefined) buckets.delete(oldest);
      }
      buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs });
      return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perMs);
    },
  };
}
