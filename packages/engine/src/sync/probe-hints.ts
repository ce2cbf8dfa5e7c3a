import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import { isFolding } from '../core/local-name.ts';
import { joinPath, lastName, parentPath } from '../core/names.ts';
import type { FileStat, Name, RelPath } from '../core/tree.ts';
import type { Hints } from './hints.ts';
import { takeSightings, type FolderFound, type ScanTools, type Sighting } from './scan-folder.ts';
import type { ScanTroubles } from './scan-troubles.ts';

/** Above this many asked-about entries of one folder the folder is listed instead. */
const MAX_PROBES = 64;
/** A folder to be listed. */
export interface Task {
  readonly node: NodeId;
  readonly path: RelPath;
  /** Known folders below it are listed too. */
  readonly isDeep: boolean;
}

interface KnownFolder extends Task {
  /** Where it was seen to lie; null for the root, which is checked by itself. */
  readonly device: bigint | null;
}

/** Looks at single hinted paths; what cannot be told from one of them is put into `queue`, as its folder. */
export function createProbe(
  tools: ScanTools,
  { hints, queue, troubles }: { readonly hints: Hints; readonly queue: Task[]; readonly troubles: ScanTroubles },
): () => Promise<readonly FolderFound[]> {
  const { session } = tools;
  const { files, store } = session.ports;
  /** Hinted paths of which the disk would not say once what stands there. */
  const unanswered = new Set<RelPath>();

  async function probe(): Promise<readonly FolderFound[]> {
    const byFolder = new Map<RelPath, Name[]>();
    const { paths, untold } = hints.take();
    for (const path of paths) {
      if (path === '') queue.push({ node: ROOT_NODE, path: '', isDeep: false });
      // Which of the two it is, only the look tells.
      else if (!session.rules(path, false) || !session.rules(path, true))
        append(byFolder, parentPath(path), lastName(path));
    }
    const probes: { folder: KnownFolder; names: Name[] }[] = [];
    for (const [path, names] of byFolder) {
      const folder = await resolve(path);
      if (folder === null) continue;
      // A folder that is not known yet is found from the nearest one that is.
      if (folder.path !== path || names.length > MAX_PROBES) queueFolder(folder);
      else probes.push({ folder, names });
    }
    const sightings: Sighting[] = [];
    for (const { folder, names } of probes) sightings.push(...(await probeFolder(folder, names, untold)));
    return takeSightings(tools, sightings);
  }

  async function probeFolder(
    folder: KnownFolder,
    names: readonly Name[],
    untold: ReadonlySet<RelPath>,
  ): Promise<Sighting[]> {
    const paths = names.map((name) => joinPath(folder.path, name));
    const [self, ...below] = await files.stat(folder.device === null ? paths : [folder.path, ...paths]);
    const stats = folder.device === null ? [self, ...below] : below;
    // Another disk may stand there than the one that is known, or none: only a listing tells what of it is to be believed.
    if (folder.device !== null && self != null && ('outcome' in self || self.device !== folder.device)) {
      queueFolder(folder);
      return [];
    }
    const rows = await store.childrenOnDisk(names.map((name) => ({ parent: folder.node, name })));
    const entries: { name: Name; stat: FileStat }[] = [];
    names.forEach((name, i) => {
      const stat = stats[i] ?? null;
      if (stat === null || !('outcome' in stat)) unanswered.delete(joinPath(folder.path, name));
      if (stat === null) {
        tools.ripeness.forget(joinPath(folder.path, name));
        troubles.forget(joinPath(folder.path, name));
        if (rows[i] !== undefined) queueFolder(folder);
        if (rows[i] !== undefined && untold.has(joinPath(folder.path, name)))
          hints.missing(joinPath(folder.path, name));
      } else if (!('outcome' in stat)) {
        const row = rows[i];
        // Another kind of thing under the same name: only a listing tells what became of the old one.
        if (row !== undefined && row.local!.kind !== stat.kind) queueFolder(folder);
        // Such a disk answers to names that are not the entry's own: what it is called only a listing tells.
        else if (row === undefined && isFolding(files.nameRules())) queueFolder(folder);
        else entries.push({ name, stat });
        const path = joinPath(folder.path, name);
        if (row?.local?.kind === 'folder' && stat.kind === 'folder' && !session.rules(path, true))
          queue.push({ node: row.node, path, isDeep: false });
      } else askAgain(joinPath(folder.path, name), folder);
    });
    const known = rows.filter((row) => row !== undefined);
    const about = { folder: folder.node, path: folder.path, entries, known, unreadable: new Set<Name>() };
    return [{ ...about, isComplete: false, isConfirming: false, device: null }];
  }

  function queueFolder({ node, path }: Task): void {
    queue.push({ node, path, isDeep: false });
  }

  /** What could not be looked at may be what is missing elsewhere: it is asked about once more, and then its folder is listed. */
  function askAgain(path: RelPath, folder: Task): void {
    if (unanswered.delete(path)) queueFolder(folder);
    else {
      unanswered.add(path);
      hints.add(path);
    }
  }

  /** The folder at a path, or the nearest known one above it. */
  async function resolve(path: RelPath): Promise<KnownFolder | null> {
    let at: KnownFolder = { node: ROOT_NODE, path: '', isDeep: false, device: null };
    for (const name of path === '' ? [] : path.split('/')) {
      const [row] = await store.childrenOnDisk([{ parent: at.node, name }]);
      if (row?.local == null) return at;
      if (row.local.kind !== 'folder') return at;
      const { device } = row.local.stat;
      at = { node: row.node, path: joinPath(at.path, name), isDeep: false, device };
    }
    return at;
  }

  return probe;
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
