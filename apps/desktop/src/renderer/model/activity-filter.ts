import type { Activity, ActivityKind } from '@onefold/control';

export type KindFilter = 'all' | 'changes' | 'deletions' | 'conflicts';

export interface ActivityFilter {
  /** Part of the path, whatever its case. */
  readonly text: string;
  readonly kind: KindFilter;
  /** A device's id; empty for all. */
  readonly device: string;
}

const KINDS: Readonly<Record<Exclude<KindFilter, 'all'>, readonly ActivityKind[]>> = {
  changes: ['added', 'edited', 'renamed', 'moved', 'restored'],
  deletions: ['deleted'],
  conflicts: ['conflict', 'attention'],
};

export function filterActivity(
  items: readonly Activity[],
  { text, kind, device }: ActivityFilter,
): readonly Activity[] {
  const wanted = fold(text.trim());
  if (wanted === '' && kind === 'all' && device === '') return items;
  return items.filter(
    (item) =>
      (kind === 'all' || KINDS[kind].includes(item.kind)) &&
      (device === '' || item.device.id === device) &&
      (wanted === '' || fold(item.path).includes(wanted)),
  );
}

/** Composed and small: a Korean name typed here must find one that a Mac wrote taken apart. */
function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
