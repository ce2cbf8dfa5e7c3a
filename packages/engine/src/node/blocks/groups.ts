/** Consecutive items in groups of at most `mostItems` and about `mostBytes`; an item larger than that is a group of its own. */
export function groupsOf<T>(
  items: readonly T[],
  bytesOf: (item: T) => number,
  mostBytes: number,
  mostItems: number,
): T[][] {
  const groups: T[][] = [];
  let group: T[] = [];
  let groupBytes = 0;
  for (const item of items) {
    const bytes = bytesOf(item);
    if (group.length > 0 && (groupBytes + bytes > mostBytes || group.length >= mostItems)) {
      groups.push(group);
      group = [];
      groupBytes = 0;
    }
    group.push(item);
    groupBytes += bytes;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}
