import type { FileVersion, PlaceEvent } from '@onefold/control';

/** One step in the life of a file: bytes of its own, or something that happened to its name. */
export type TimeLineItem =
  | {
      readonly kind: 'version';
      readonly key: string;
      readonly atMs: number;
      readonly version: FileVersion;
      /** The version before it; null for the first that is kept. */
      readonly before: FileVersion | null;
    }
  | { readonly kind: 'event'; readonly key: string; readonly atMs: number; readonly event: PlaceEvent };

/** Both lists, each newest first, as one. Either keeps its own order, whatever the clocks say. */
export function timeLineOf(versions: readonly FileVersion[], events: readonly PlaceEvent[]): readonly TimeLineItem[] {
  const items: TimeLineItem[] = [];
  let next = 0;
  const pushEvents = (untilMs: number): void => {
    for (let event = events[next]; event !== undefined && event.atMs > untilMs; event = events[++next])
      items.push({ kind: 'event', key: `event ${events.length - next}`, atMs: event.atMs, event });
  };
  versions.forEach((version, index) => {
    pushEvents(version.atMs);
    const before = versions[index + 1] ?? null;
    items.push({ kind: 'version', key: version.version, atMs: version.atMs, version, before });
  });
  pushEvents(Number.NEGATIVE_INFINITY);
  return items;
}
