/**
 * Whether an object that was begun at `keptAtMs` is too old to be recorded: an unrecorded one is swept once it is older than the grace, and a node that stood
 * still in between does not know. Asked while the namespace is held, as the sweep asks for the object's name. The other half of the grace is for clocks that
 * differ: the store's own tells the age of what is swept.
 */
export function isTooOldToRecord(keptAtMs: number, nowMs: number, graceMs: number): boolean {
  return nowMs - keptAtMs > graceMs / 2;
}
