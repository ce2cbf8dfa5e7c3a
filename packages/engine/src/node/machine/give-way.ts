import { setPriority } from 'node:os';

/** As `nice` counts: threads with much to do, beside the one that answers people. */
const NICE = 5;

/**
 * Lets every other thread of the machine go before the calling one. On Linux alone, where a priority belongs to a thread; elsewhere it would be
 * the whole process's.
 */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, NICE);
  } catch {
    // A sandbox may forbid it: then the threads share as before.
  }
}
