const FIRST_MS = 1_000;
const LAST_MS = 5 * 60_000;

/**
 * Delay before attempt `attempts + 1`, with full jitter on the upper half: doubling from one second to five minutes. `fraction` is uniform
 * in [0, 1). After M. Brooker, "Exponential Backoff And Jitter".
 */
export function backOffMs(attempts: number, fraction: number): number {
  const ceiling = Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 20));
  return Math.round(ceiling * (0.5 + fraction / 2));
}
