import { OnefoldError, ROOT_NODE, type NodeId, type NodeKind } from '@onefold/protocol';
import { joinPath } from '../core/names.ts';
import { MAX_DEPTH } from '../core/plan-view.ts';
import { isAlive, isSafe, isSettled } from '../core/settled.ts';
import type { Name, NodeRow, RelPath } from '../core/tree.ts';
import type { Session } from './session.ts';

export interface ListedEntry {
  readonly node: NodeId;
  readonly name: Name;
  readonly kind: NodeKind;
  readonly sizeBytes: number | null;
  /** 0 where it is not known. */
  readonly mtimeMs: number;
  /** `here` only on this device yet, `there` only in the journal yet, `changing` on its way, `deleted` here but not there yet, `lost` by the server. */
  readonly state:
    'synced' | 'here' | 'there' | 'changing' | 'deleted' | 'lost' | 'quarantined' | 'unticked' | 'frozen' | 'one-way';
  readonly isSafe: boolean;
}

const PAGE_ROWS = 10_000;

/**
 * What is in a folder, here or in the journal, in the order of the code points of the names: at most `limit` after the name `after`. Throws
 * `not-found`.
 */
export async function listFolder(
  session: Session,
  path: RelPath,
  { after = null, limit = PAGE_ROWS }: { readonly after?: Name | null; readonly limit?: number } = {},
): Promise<ListedEntry[]> {
  const folder = path === '' ? ROOT_NODE : (await findNode(session, path)).node;
  const isFrozen = ({ local, remote }: NodeRow): boolean => {
    const name = local?.name ?? remote?.name ?? '';
    return isAlive(remote) && session.rules(joinPath(path, name), remote.kind === 'folder');
  };
  return (await session.ports.store.childrenPage(folder, after, limit)).map((row): ListedEntry => {
    const entry = listedNow(session, row);
    const why = session.waitingOf(row.node);
    // By a rule on where it stands, or on where it was moved elsewhere.
    if (isFrozen(row) || (why === 'ignored' && row.local !== null && isAlive(row.remote)))
      return { ...entry, state: 'frozen' };
    return why === 'one-way' ? { ...entry, state: 'one-way' } : entry;
  });
}

/** As `listed`, and with what the server has lost of it: what is to come and does not, and what only this device has. */
export function listedNow({ lostContents, unheld }: Session, row: NodeRow): ListedEntry {
  const entry = listed(row);
  if ((entry.state === 'there' || entry.state === 'changing') && unheld.isLost(row)) return { ...entry, state: 'lost' };
  if (!lostContents.isHere(row.node)) return entry;
  return { ...entry, isSafe: false, state: entry.state === 'synced' ? 'changing' : entry.state };
}

function listed(row: NodeRow): ListedEntry {
  const { local, remote, node } = row;
  const content = local?.content ?? remote?.content;
  const sizeBytes = local?.kind === 'file' ? local.stat.sizeBytes : content?.kind === 'file' ? content.sizeBytes : null;
  return {
    node,
    name: local?.name ?? remote?.name ?? '',
    kind: local?.kind ?? remote!.kind,
    sizeBytes,
    mtimeMs: Number((local?.stat.mtimeNs ?? remote?.attributes?.mtimeNs ?? 0n) / 1_000_000n),
    state: stateOf(row),
    isSafe: isSafe(row),
  };
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
      [row] = await store.remoteNamesakes(parent, name, 1);
    }
    if (row === undefined) throw new OnefoldError('not-found', `nothing is known at ${path}`);
    parent = row.node;
  }
  if (row === undefined) throw new OnefoldError('not-found', 'the folder itself has no versions');
  return row;
}

/** The entry at a path, here or alive in the journal; null where there is none. */
export async function entryAt(session: Session, path: RelPath): Promise<ListedEntry | null> {
  const row = await findNode(session, path).catch(() => null);
  return row === null || (row.local === null && !isAlive(row.remote)) ? null : listedNow(session, row);
}

/**
 * Where a row stands, here or else by the journal; null where a name on the way does not open, or where rows that were seen at different
 * moments lie in each other until the next look.
 */
export async function pathOf(session: Session, row: NodeRow): Promise<RelPath | null> {
  let path: RelPath | null = null;
  let at: NodeRow | undefined = row;
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    const place: { readonly name: Name | null; readonly parent: NodeId } | null | undefined = at?.local ?? at?.remote;
    if (place?.name == null) return null;
    path = path === null ? place.name : joinPath(place.name, path);
    if (place.parent === ROOT_NODE) return path;
    [at] = await session.ports.store.rows([place.parent]);
  }
  return null;
}
