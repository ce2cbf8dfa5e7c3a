import type { Throughput } from './shapes.ts';

const THROUGHPUT_EVERY_MS = 1_000;

/** Tells the speed once a second while something moves, and once more when it has stopped. */
export function measureThroughput(
  speeds: () => readonly { readonly up: number; readonly down: number }[],
  tell: (throughput: Throughput) => void,
): () => void {
  let wasMoving = false;
  const timer = setInterval(() => {
    const upBytesPerSecond = speeds().reduce((sum, { up }) => sum + up, 0);
    const downBytesPerSecond = speeds().reduce((sum, { down }) => sum + down, 0);
    const isMoving = upBytesPerSecond + downBytesPerSecond > 0;
    if (isMoving || wasMoving) tell({ atMs: Date.now(), upBytesPerSecond, downBytesPerSecond });
    wasMoving = isMoving;
  }, THROUGHPUT_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
