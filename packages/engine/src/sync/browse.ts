import { OnefoldError, ROOT_NODE, type DeviceId, type NodeId, type NodeKind } from '@onefold/protocol';
import { joinPath, lastName, parentPath } from '../core/names.ts';
import { isAlive, isSafe, isSettled } from '../core/settled.ts';
import type { Name, NodeRow, RelPath } from '../core/tree.ts';
import type { Attention } from '../ports.ts';
import type { Session } from './session.ts';
import { stageVersion } from './stage-version.ts';

export interface ListedEntry {
  readonly node: NodeId;
  readonly name: Name;
  readonly kind: NodeKind;
  readonly sizeBytes: number | null;
  /** `here` only on this device yet, `there` only in the journal yet, `changing` on its way, `deleted` here but not there yet. */
  readonly state:
    'synced' | 'here' | 'there' | 'changing' | 'deleted' | 'quarantined' | 'unticked' | 'frozen' | 'one-way';
  readonly isSafe: boolean;
}

export interface ListedVersion {
  readonly version: number;
  readonly seq: number;
  readonly device: DeviceId;
  readonly deviceName: string | null;
  readonly acceptedAtMs: number;
  /** Null when it does not open. */
  readonly sizeBytes: number | null;
  readonly isCurrent: boolean;
}

/** What is in a folder, here or in the journal, by name. Throws `not-found`. */
export async function listFolder(session: Session, path: RelPath): Promise<ListedEntry[]> {
  const { store } = session.ports;
  const folder = path === '' ? ROOT_NODE : (await findNode(session, path)).node;
  const rows = new Map<NodeId, NodeRow>();
  for (const row of await store.childrenOf('local', folder)) rows.set(row.node, row);
  for (const row of await store.childrenOf('remote', folder))
    if (row.local === null && isAlive(row.remote)) rows.set(row.node, row);
  const isFrozen = ({ local, remote }: NodeRow): boolean => {
    const name = local?.name ?? remote?.name ?? '';
    return isAlive(remote) && session.rules(joinPath(path, name), remote.kind === 'folder');
  };
  const named = [...rows.values()].map((row): ListedEntry => {
    const entry = listed(row);
    if (isFrozen(row)) return { ...entry, state: 'frozen' };
    return session.waitingOf(row.node) === 'one-way' ? { ...entry, state: 'one-way' } : entry;
  });
  return named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function listed(row: NodeRow): ListedEntry {
  const { local, remote, node } = row;
  const content = local?.content ?? remote?.content;
  const sizeBytes = local?.kind === 'file' ? local.stat.sizeBytes : content?.kind === 'file' ? content.sizeBytes : null;
  const kind = local?.kind ?? remote!.kind;
  return { node, name: local?.name ?? remote?.name ?? '', kind, sizeBytes, state: stateOf(row), isSafe: isSafe(row) };
}

function stateOf(row: NodeRow): ListedEntry['state'] {
  const { local, remote, synced } = row;
  if (remote?.quarantined === true) return 'quarantined';
  if (remote?.unticked === true && local === null) return 'unticked';
  if (isSettled(row)) return 'synced';
  if (local === null) return synced === null ? 'there' : 'deleted';
  return remote === null ? 'here' : 'changing';
}

/** The node at a path: on this disk, else alive in the journal, else deleted last under that name. Throws `not-found`. */
export async function findNode(session: Session, path: RelPath): Promise<NodeRow> {
  const { store } = session.ports;
  let parent: NodeId = ROOT_NODE;
  let row: NodeRow | undefined;
  for (const name of path.split('/')) {
    // As it stands on this disk, which may be another name than its own.
    [row] = await store.childrenOnDisk([{ parent, name }]);
    if (row === undefined) [row] = await store.childrenByName('local', [{ parent, name }]);
    if (row === undefined) [row] = await store.childrenByName('remote', [{ parent, name }]);
    if (row === undefined) {
      const hidden = (await store.childrenOf('remote', parent)).filter((child) => child.remote?.name === name);
      row = hidden.sort((a, b) => b.remote!.lastSeq - a.remote!.lastSeq)[0];
    }
    if (row === undefined) throw new OnefoldError('not-found', `nothing is known at ${path}`);
    parent = row.node;
  }
  if (row === undefined) throw new OnefoldError('not-found', 'the folder itself has no versions');
  return row;
}

/** Content versions of a file, oldest first. Throws `not-found`, or what the server's answer calls for. */
export async function listVersions(session: Session, path: RelPath): Promise<ListedVersion[]> {
  const row = await findNode(session, path);
  const { sealing, keys } = session.ports;
  const { versions } = await session.line.direct.versions(row.node);
  return versions.map(({ version, seq, epoch, device, acceptedAtMs, sealed }) => {
    const opened = sealing.openContent({ node: row.node, version, epoch }, sealed);
    const sizeBytes = opened.outcome === 'opened' && opened.value.kind !== 'link' ? opened.value.sizeBytes : null;
    const isCurrent = version === row.remote?.contentVersion;
    return { version, seq, device, deviceName: keys.deviceName(device), acceptedAtMs, sizeBytes, isCurrent };
  });
}

/**
 * Puts an old version of a file back on this disk, at its own path or at `to`, as an edit made here: what it replaces stays a version of
 * the file. Throws `not-found`; `precondition-failed` when what stands there is not what was observed, or is not with the server yet.
 */
export async function restoreVersion(
  session: Session,
  path: RelPath,
  version: number,
  to: RelPath | null,
): Promise<void> {
  await restoreNode(session, await findNode(session, path), version, to ?? path);
}

/** As restoreVersion, of a node that is known. */
export async function restoreNode(session: Session, row: NodeRow, version: number, target: RelPath): Promise<void> {
  const { files, store } = session.ports;
  const staged = await stageVersion(session, row, version);
  await makeFolders(session, parentPath(target));
  const [standing] = await files.stat([target]);
  if (standing != null && 'outcome' in standing) throw new OnefoldError(standing.code, 'the place cannot be looked at');
  if (standing != null) {
    const known = await findNode(session, target).catch(() => null);
    if (known === null || !isSettled(known)) {
      await files.discard([staged.path]);
      throw new OnefoldError('precondition-failed', 'what stands there has not been synced yet');
    }
  }
  const [result] = await files.change([
    { op: 'move', from: staged.path, to: target, expectFrom: staged.stat, expectTo: standing ?? null, keepAs: null },
  ]);
  if (result?.outcome !== 'done') {
    await files.discard([staged.path]);
    throw new OnefoldError(
      result?.outcome === 'failed' ? result.code : 'precondition-failed',
      'it could not be put in place',
    );
  }
  await files.flush([target]);
  await store.commit({
    activity: [
      { atMs: session.ports.clock.nowMs(), kind: 'restored', path: target, previousPath: null, device: session.device },
    ],
  });
  session.hint([target, parentPath(target)]);
}

export async function makeFolders(session: Session, path: RelPath): Promise<void> {
  let at: RelPath = '';
  for (const name of path === '' ? [] : path.split('/')) {
    at = joinPath(at, name);
    const [stat] = await session.ports.files.stat([at]);
    if (stat === null) await session.ports.files.change([{ op: 'create-folder', path: at, mode: null }]);
  }
}

/** Conflict copies that still stand here under their mark. Those that were renamed or removed count as dealt with. */
export async function listConflicts(session: Session): Promise<Attention[]> {
  const items = session.attention.list().filter((item) => item.code === 'conflict-copy');
  const rows = await session.ports.store.rows(items.map((item) => item.detail as NodeId));
  const standing: Attention[] = [];
  const dealtWith: string[] = [];
  for (const [i, item] of items.entries()) {
    if (rows[i]?.local?.name === lastName(item.path)) standing.push(item);
    else dealtWith.push(item.id);
  }
  await session.attention.clear(dealtWith);
  return standing;
}
