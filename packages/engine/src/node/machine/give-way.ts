import { getPriority, setPriority } from 'node:os';

/** As `nice` counts: threads with much to do, beside the one that answers people. */
const DEGREES = 5;
const NICEST = 19;

/**
 * Lets every other thread of the machine go before the calling one. On Linux alone, where a priority belongs to a thread; elsewhere it would be
 * the whole process's.
 */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    // A thread begins as nice as the one that has started it.
    setPriority(0, Math.min(NICEST, getPriority(0) + DEGREES));
  } catch {
    // A sandbox may forbid it: then the threads share as before.
  }
}
