import type { NodeId } from '@onefold/protocol';
import {
  diskNameOf,
  foldName,
  hasTag,
  isFolding,
  isLocalNameOf,
  localName,
  MAX_ATTEMPTS,
  namedAs,
  type NameRules,
} from '../core/local-name.ts';
import { joinPath } from '../core/names.ts';
import { conflictName } from '../core/conflict-name.ts';
import { isAlive } from '../core/settled.ts';
import type { LocalState, Name, NodeRow, RelPath } from '../core/tree.ts';
import type { Session } from './session.ts';

/** A folder of this disk, by node and path. */
export interface FolderHere {
  readonly node: NodeId;
  readonly path: RelPath;
}

/**
 * What a node of this name can be called in a folder of this disk: by its name, unless the disk cannot hold it or takes it for that of
 * another known node that stands there. `self` may stand in its own way; so may nodes for which `isLeaving`.
 */
export async function chooseDiskName(
  session: Session,
  folder: FolderHere,
  name: Name,
  self: NodeId | null,
  isLeaving: (node: NodeId) => boolean = () => false,
  isClaimed: (foldedPath: string) => boolean = () => false,
): Promise<Name> {
  const { files, store } = session.ports;
  const rules = files.nameRules();
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const candidate = localName(name, rules, attempt);
    if (candidate === name && !isFolding(rules)) return name;
    const path = joinPath(folder.path, candidate);
    if (isClaimed(foldName(path, rules))) continue;
    const [stat] = await files.stat([path]);
    if (stat == null || 'outcome' in stat) return candidate;
    const [holders] = await store.localByInodes([stat]);
    const isTwin = holders!.some(
      ({ node, local }) => node !== self && local?.parent === folder.node && local.name !== name && !isLeaving(node),
    );
    if (!isTwin) return candidate;
  }
  return name;
}

/**
 * Both names of what was found on disk as `found`, and is known under `before`. Where the volume takes the normal forms of a letter for one,
 * another of them is no renaming.
 */
export function renamedTo(
  before: LocalState,
  found: Name,
  { system }: NameRules,
): Pick<LocalState, 'name' | 'diskName'> {
  const formOf = (name: Name): Name => (system === 'mac' ? name.normalize('NFC') : name);
  const isSame = formOf(found) === formOf(diskNameOf(before));
  return namedAs(isSame ? before.name : found, found);
}

/** The child that the journal has under the name that `found` is the likeness of, and that is not here. */
export async function findMeant(session: Session, parent: NodeId, found: Name): Promise<NodeRow | undefined> {
  if (!hasTag(found)) return undefined;
  const { files, store } = session.ports;
  const rules = files.nameRules();
  return (await store.childrenOf('remote', parent)).find(
    ({ local, remote }) =>
      local === null && isAlive(remote) && remote.name !== null && isLocalNameOf(found, remote.name, rules),
  );
}

/**
 * Nobody but a node that stands here under a likeness may have its name in this folder: a newcomer that was given that very name gets one as
 * the loser of a conflict does, and stays on this disk as it is.
 */
export async function withoutNameTwins(
  session: Session,
  rows: readonly NodeRow[],
  leaving: ReadonlySet<NodeId>,
): Promise<NodeRow[]> {
  // What another disk could not hold nobody can have made here.
  if (!isFolding(session.ports.files.nameRules())) return [...rows];
  const holders = await session.ports.store.childrenByName(
    'local',
    rows.map(({ local }) => local!),
  );
  const moving = new Set(rows.map(({ node }) => node));
  const result: NodeRow[] = [];
  for (const [i, row] of rows.entries()) {
    const holder = holders[i];
    const local = row.local!;
    if (holder === undefined || holder.node === row.node || leaving.has(holder.node) || moving.has(holder.node)) {
      result.push(row);
      continue;
    }
    const name = await freeConflictName(session, local);
    result.push({ ...row, local: { ...local, ...namedAs(name, diskNameOf(local)) } });
  }
  return result;
}

async function freeConflictName(session: Session, { parent, name, kind }: LocalState): Promise<Name> {
  const { store, clock } = session.ports;
  for (let attempt = 1; ; attempt++) {
    const free = conflictName(name, session.options.deviceName, clock.nowMs(), attempt, kind === 'folder');
    const [taken] = await store.childrenByName('local', [{ parent, name: free }]);
    if (taken === undefined) return free;
  }
}
