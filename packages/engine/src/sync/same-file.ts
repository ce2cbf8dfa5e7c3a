import type { FileStat, NodeRow } from '../core/tree.ts';
import type { ChangeResult } from '../ports.ts';

export function isSameFile(a: FileStat, b: FileStat): boolean {
  return a.inode === b.inode && a.sizeBytes === b.sizeBytes && a.mtimeNs === b.mtimeNs && a.kind === b.kind;
}

/**
 * The attempt itself gave the file another ctime: that is no change of the user's, by which it would be read, and tried, again at once. Null
 * where there is nothing to record.
 */
export function touchedBy(failure: ChangeResult, row: NodeRow): NodeRow | null {
  const touched = failure.outcome === 'failed' ? failure.touched : undefined;
  if (touched === undefined || row.local === null || !isSameFile(touched, row.local.stat)) return null;
  return { ...row, local: { ...row.local, stat: { ...row.local.stat, ctimeNs: touched.ctimeNs } } };
}
