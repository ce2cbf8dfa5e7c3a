import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How often a thread looks at how busy it has been. */
const LOOK_EVERY_MS = 10_000;
/** What a thread at rest may be busy between two looks: timers, a status asked now and then. */
const MOST_QUIET_MS = 200;
/** Work of less than this leaves too little behind to be worth a collection. */
const WORTH_MS = 200;

/*
 * busy --(a look finds the thread quiet, after work worth it)--> collected --(work)--> busy
 *
 * V8 collects when something is allocated, so a thread that stops working keeps the garbage of its last work for as long as it
 * rests: hundreds of megabytes after an import. A daemon rests nearly all the time.
 */

/**
 * Has the calling thread give back what it no longer needs once it has come to rest after work: first `before` (caches of its own), then a
 * full collection of its heap. Does not keep the thread alive. `busyMs`: for how long its loop has been busy so far. Returns what ends it.
 */
export function collectWhenQuiet(
  before: () => void = () => undefined,
  busyMs: () => number = () => performance.eventLoopUtilization().active,
): () => void {
  let lastMs = busyMs();
  // Loading is work, too.
  let sinceCollectionMs = WORTH_MS;
  const timer = setInterval(() => {
    const nowMs = busyMs();
    const workedMs = nowMs - lastMs;
    lastMs = nowMs;
    sinceCollectionMs += workedMs;
    if (workedMs > MOST_QUIET_MS || sinceCollectionMs < WORTH_MS) return;
    sinceCollectionMs = 0;
    before();
    collect();
    lastMs = busyMs();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

let collector: ((how: { readonly type: 'major'; readonly flavor: 'last-resort' }) => void) | undefined;

/** By V8's own function, which a context made after the flag was set has among its globals. */
function collect(): void {
  if (collector === undefined) {
    setFlagsFromString('--expose-gc');
    collector = runInNewContext('gc') as NonNullable<typeof collector>;
  }
  collector({ type: 'major', flavor: 'last-resort' });
}
