import { ROOT_NODE } from '@onefold/protocol';
import { conflictName } from '../core/conflict-name.ts';
import { diskNameOf, foldName, isFolding, namedAs } from '../core/local-name.ts';
import { joinPath, lastName, parentPath } from '../core/names.ts';
import { isAlive } from '../core/settled.ts';
import type { FileStat, LocalState, Name, NodeRow, RelPath, SyncedState } from '../core/tree.ts';
import type { KeptIntent } from './disk-intent.ts';
import type { Session } from './session.ts';
import { standingFolder } from './standing-folder.ts';
import { recordable } from './too-fresh.ts';

/* What rows say of recorded changes that took place: see settle.ts. */

/** The row of a node that went where it was to go. */
export async function movedThere(
  session: Session,
  row: NodeRow,
  local: LocalState,
  detail: KeptIntent['detail'],
  stat: FileStat,
): Promise<NodeRow> {
  const place = await placeOf(session, row, detail);
  // What was deleted to make way is not recorded as gone either. Of what is to be somewhere else an intent of its own tells.
  const [holder] = await session.ports.store.childrenOnDisk([{ parent: place.parent, name: lastName(detail.to) }]);
  if (holder !== undefined && holder.node !== row.node && !isAlive(holder.remote)) await session.lose([holder]);
  return {
    ...row,
    synced: syncedPlace(row.synced, detail),
    local: unidentified(session, { ...local, ...place }, stat),
  };
}

/** A move of the journal's that came about is one no person made, wherever the journal has it by now. */
function syncedPlace(synced: SyncedState | null, detail: KeptIntent['detail']): SyncedState | null {
  const was = detail.op === 'move' ? detail.was : undefined;
  return synced === null || was === undefined ? synced : { ...synced, ...was };
}

/** A disk that takes several names for one answers to the new one before it has it, too; null when it will not say. */
export async function isSpelledSo(session: Session, local: LocalState, to: RelPath): Promise<boolean | null> {
  const { files } = session.ports;
  const rules = files.nameRules();
  const name = lastName(to);
  const before = diskNameOf(local);
  if (!isFolding(rules) || before === name || foldName(before, rules) !== foldName(name, rules)) return true;
  const [listing] = await files.list([parentPath(to)]);
  if (listing?.outcome !== 'listed') return listing?.outcome === 'missing' ? false : null;
  return listing.entries.some((entry) => entry.name === name);
}

/** A rename gave the file a new ctime: whether somebody changed it quietly just before only its bytes can say. */
function unidentified(session: Session, local: LocalState, found: FileStat): LocalState {
  const stat = recordable(session.ports.files, found);
  return { ...local, stat, content: local.kind === 'file' ? null : local.content };
}

/** The rows of a node whose local file went aside as another one. */
export async function copied(
  session: Session,
  row: NodeRow,
  local: NonNullable<NodeRow['local']>,
  detail: Extract<KeptIntent['detail'], { op: 'copy' }>,
  stat: FileStat,
): Promise<NodeRow[]> {
  const place = await placeOf(session, row, detail);
  return [
    { ...row, local: null, synced: null },
    { node: detail.copy, local: unidentified(session, { ...local, ...place }, stat), remote: null, synced: null },
  ];
}

/** What the journal had then stands here, if nothing else does; null when the disk will not say. */
export async function placed(
  session: Session,
  row: NodeRow,
  { to, name, was }: Extract<KeptIntent['detail'], { op: 'placed' }>,
  found: FileStat,
  inode: bigint,
): Promise<NodeRow[] | null> {
  const { files, store } = session.ports;
  if (found.kind !== was.kind || (was.kind !== 'folder' && found.inode !== inode)) return [];
  if (was.content?.kind === 'link') {
    const [target] = await files.readLinks([to]);
    if (target !== was.content.target) return [];
  }
  // Only what outlives a loss of power is believed: a delete would be read out of its absence.
  if ((await files.flush([to])).outcome === 'failed') return null;
  const place = await placeOf(session, row, { to, name });
  const [holder] = await store.childrenOnDisk([{ parent: place.parent, name: lastName(to) }]);
  if (holder !== undefined && holder.node !== row.node) {
    // A new folder is known by no inode: this one is older, and nothing was put in its place.
    if (holder.local?.stat.inode === found.inode) return [];
    await session.lose([holder]);
  }
  const content = was.kind === 'file' ? null : was.content;
  return [{ ...row, local: { kind: was.kind, ...place, stat: recordable(files, found), content }, synced: was }];
}

/** A node that was on its way between two names goes back to the first, or beside it; null when the disk will not have it now. */
export async function unpark(
  session: Session,
  row: NodeRow | undefined,
  { to: from, at }: Extract<KeptIntent['detail'], { op: 'park' }>,
  stat: FileStat,
): Promise<NodeRow[] | null> {
  const { files, clock } = session.ports;
  const local = row?.local ?? null;
  const old = (row === undefined || local === null ? null : await session.paths.of(row)) ?? at;
  const base = await standingFolder(session, parentPath(old));
  if (base === null) return null;
  const parent = base !== '' && local !== null ? local.parent : ROOT_NODE;
  for (let attempt = 0; attempt < 100; attempt++) {
    const isFolder = stat.kind === 'folder';
    const name =
      attempt === 0
        ? lastName(old)
        : conflictName(lastName(old), session.options.deviceName, clock.nowMs(), attempt, isFolder);
    const to = joinPath(base, name);
    const [result] = await files.change([{ op: 'move', from, to, expectFrom: stat, expectTo: null, keepAs: null }]);
    if (result?.outcome === 'done' && result.stat !== null) {
      session.relocated(from, to);
      await files.flush([to]);
      session.hint([to]);
      // Where nothing is known of it any more the scanner takes it for what it finds.
      if (row === undefined || local === null) return [];
      return [
        {
          ...row,
          local: unidentified(
            session,
            { ...local, parent, ...(attempt === 0 ? {} : namedAs(name, name)) },
            result.stat,
          ),
        },
      ];
    }
    if (result?.outcome === 'failed') return null;
  }
  return null;
}

/** Parent and name of a path as the Local tree has it, or as the journal has it where a folder on the way is not recorded yet. */
export async function placeOf(
  session: Session,
  row: NodeRow,
  { to: path, name: said }: { readonly to: RelPath; readonly name?: Name },
): Promise<Pick<LocalState, 'parent' | 'name' | 'diskName'>> {
  const { store } = session.ports;
  const names = namedAs(said ?? lastName(path), lastName(path));
  let parent = ROOT_NODE;
  for (const name of parentPath(path) === '' ? [] : parentPath(path).split('/')) {
    const [folder] = await store.childrenOnDisk([{ parent, name }]);
    // The folder has its row yet to come; where the node itself or a file is still recorded there, what stands there now was made in its stead.
    if (folder?.local?.kind !== 'folder' || folder.node === row.node)
      return { parent: row.remote?.parent ?? row.local!.parent, ...names };
    parent = folder.node;
  }
  return { parent, ...names };
}
