import type { ErrorCode } from '@onefold/protocol';
import { joinPath } from '../core/names.ts';
import type { FileStat, Name, RelPath } from '../core/tree.ts';

/** What could not be looked at, by path, and why. */
export interface ScanTroubles {
  all(): ReadonlyMap<RelPath, ErrorCode>;
  /** null: it could. */
  set(path: RelPath, code: ErrorCode | null): void;
  forget(path: RelPath): void;
  dropOld(folder: RelPath, entries: readonly { readonly name: Name; readonly stat: FileStat }[]): void;
}

export function createScanTroubles(): ScanTroubles {
  const troubles = new Map<RelPath, ErrorCode>();

  /** Nothing stands there any more: neither it nor anything below it is in trouble. */
  function forget(path: RelPath): void {
    for (const known of troubles.keys()) if (known === path || known.startsWith(`${path}/`)) troubles.delete(known);
  }

  /** What was in trouble in a folder that is listed now, and is not any more. A folder's own trouble ends when it is listed itself. */
  function dropOld(folder: RelPath, entries: readonly { readonly name: Name; readonly stat: FileStat }[]): void {
    if (troubles.size === 0) return;
    const kinds = new Map(entries.map(({ name, stat }) => [name, stat.kind]));
    for (const known of [...troubles.keys()]) {
      if (known === '' || (folder !== '' && !known.startsWith(`${folder}/`))) continue;
      const [name = ''] = known.slice(folder === '' ? 0 : folder.length + 1).split('/');
      const kind = kinds.get(name);
      if (kind === undefined) forget(joinPath(folder, name));
      else if (kind !== 'special' && kind !== 'folder') troubles.delete(joinPath(folder, name));
    }
  }

  return {
    all: () => troubles,
    set(path, code) {
      if (code === null) troubles.delete(path);
      else troubles.set(path, code);
    },
    forget,
    dropOld,
  };
}
