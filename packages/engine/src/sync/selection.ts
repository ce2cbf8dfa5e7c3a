import { OnefoldError, ROOT_NODE, type NodeId } from '@onefold/protocol';
import { agreed } from '../core/agree.ts';
import { joinPath } from '../core/names.ts';
import { isAlive } from '../core/settled.ts';
import type { Name, NodeRow, RelPath } from '../core/tree.ts';
import { record, type Session } from './session.ts';

/*
 * Which folders are not to be on this device: node ids, kept as a fact. What follows from them is marked in the rows, so that a row alone
 * tells; the plan does the rest. What is deleted elsewhere bears no mark: an edit kept here then outdoes the delete, as anywhere.
 *
 *   marked --noted: the ids, and which of them changed--> marking --every row below has its mark--> marked
 *                                                          |  ^
 *                                                          '--' a crash: begun again before anything is planned
 */

const FACT = 'unticked';
const CHUNK_ROWS = 1_000;

interface Kept {
  readonly unticked: readonly NodeId[];
  /** Whose marks, and those below, are not known to be right. */
  readonly marking: readonly NodeId[];
}

export interface SelectedFolder {
  readonly path: RelPath;
  readonly selection: 'ticked' | 'unticked' | 'partly';
  readonly files: number;
  readonly sizeBytes: number;
  readonly hasFolders: boolean;
  /** Entries that stand here though they are not to: no version holds them as they are. */
  readonly kept: number;
}

export async function loadSelection(session: Session): Promise<void> {
  const text = await session.ports.store.fact(FACT);
  const { unticked, marking }: Kept = text === null ? { unticked: [], marking: [] } : (JSON.parse(text) as Kept);
  session.unticked = new Set(unticked);
  if (marking.length > 0) await mark(session, marking);
}

/**
 * Unticks and ticks folders of the server's tree, by their paths there. Ticking inside an unticked folder ticks what is above it and unticks
 * what else is there. Throws `not-found`; `precondition-failed` for what the server does not have yet; `invalid-argument` for what is no
 * folder; and then nothing has changed.
 */
export async function setSelection(
  session: Session,
  { untick, tick }: { readonly untick: readonly RelPath[]; readonly tick: readonly RelPath[] },
): Promise<void> {
  const unticked = new Set(session.unticked);
  const changed = new Set<NodeId>();
  for (const path of untick) {
    const row = (await chainTo(session, path)).at(-1);
    unticked.add(row.node);
    changed.add(row.node);
  }
  for (const path of tick) await tickChain(session, await chainTo(session, path), unticked, changed);
  if (changed.size === 0) return;
  session.unticked = unticked;
  await keep(session, [...changed]);
  await mark(session, [...changed]);
}

async function tickChain(
  session: Session,
  chain: readonly NodeRow[],
  unticked: Set<NodeId>,
  changed: Set<NodeId>,
): Promise<void> {
  const top = chain.findIndex(({ node }) => unticked.has(node));
  const row = chain.at(-1)!;
  if (top !== -1) {
    for (const [i, { node }] of chain.slice(top, -1).entries()) {
      const next = chain[top + i + 1]!.node;
      unticked.delete(node);
      for (const child of await session.ports.store.childrenOf('remote', node))
        if (child.node !== next && isFolder(child)) unticked.add(child.node);
    }
    changed.add(chain[top]!.node);
  }
  unticked.delete(row.node);
  // Wishes about what is inside go with it: all of it is to be here.
  for (const inside of await foldersBelow(session, row.node)) unticked.delete(inside);
  changed.add(row.node);
}

async function foldersBelow(session: Session, folder: NodeId): Promise<NodeId[]> {
  const found: NodeId[] = [];
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const child of await session.ports.store.childrenOf('remote', at)) {
      if (child.remote?.kind !== 'folder') continue;
      found.push(child.node);
      open.push(child.node);
    }
  }
  return found;
}

/** The folders from the top to the one at this path, by the journal. */
async function chainTo(session: Session, path: RelPath): Promise<NodeRow[]> {
  if (path === '') throw new OnefoldError('invalid-argument', 'the whole folder is removed, not unticked');
  const chain: NodeRow[] = [];
  let parent = ROOT_NODE;
  for (const name of path.split('/')) {
    const row = await folderAt(session, parent, name, path);
    chain.push(row);
    parent = row.node;
  }
  return chain;
}

async function folderAt(session: Session, parent: NodeId, name: Name, path: RelPath): Promise<NodeRow> {
  const { store } = session.ports;
  const [row] = await store.childrenByName('remote', [{ parent, name }]);
  if (row !== undefined && isAlive(row.remote)) {
    if (row.remote.kind !== 'folder') throw new OnefoldError('invalid-argument', `only folders are ticked: ${path}`);
    return row;
  }
  const [here] = await store.childrenByName('local', [{ parent, name }]);
  if (here !== undefined)
    throw new OnefoldError('precondition-failed', `the server does not have it under this name yet: ${path}`);
  throw new OnefoldError('not-found', `nothing is known at ${path}`);
}

async function keep(session: Session, marking: readonly NodeId[]): Promise<void> {
  const kept: Kept = { unticked: [...session.unticked], marking };
  const isNothing = kept.unticked.length === 0 && marking.length === 0;
  await record(session, { facts: { [FACT]: isNothing ? null : JSON.stringify(kept) } });
}

/** Gives the rows below these folders their marks, in bounded transactions. Done again after a crash, it does the same. */
async function mark(session: Session, folders: readonly NodeId[]): Promise<void> {
  const { store } = session.ports;
  let pending: NodeRow[] = [];
  const put = async (row: NodeRow, isUnticked: boolean): Promise<void> => {
    const unticked = isUnticked && isAlive(row.remote);
    if (row.remote === null || row.remote.unticked === unticked) return;
    const marked = { ...row, remote: { ...row.remote, unticked } };
    // While a restored journal is read anew, what was synced says nothing about it.
    pending.push(session.rewind === null ? agreed(marked) : marked);
    if (pending.length < CHUNK_ROWS) return;
    await record(session, { rows: pending });
    pending = [];
  };
  for (const top of folders) {
    const [row] = await store.rows([top]);
    if (row?.remote == null) continue;
    const above = row.remote.parent === ROOT_NODE ? [] : await store.rows([row.remote.parent]);
    const known = pending.find(({ node }) => node === row.remote!.parent) ?? above[0];
    const isUnticked = session.unticked.has(top) || known?.remote?.unticked === true;
    await put(row, isUnticked);
    const open: { readonly node: NodeId; readonly isUnticked: boolean }[] = [{ node: top, isUnticked }];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const child of await store.childrenOf('remote', at.node)) {
        const its = at.isUnticked || session.unticked.has(child.node);
        if (child.remote?.kind === 'folder') open.push({ node: child.node, isUnticked: its });
        await put(child, its);
      }
    }
    if (pending.length > 0) await record(session, { rows: pending });
    pending = [];
  }
  await keep(session, []);
}

/** The folders in one folder of the server's tree, by name; `after` and `limit` page. Throws `not-found`. */
export async function listSelection(
  session: Session,
  path: RelPath,
  limit: number,
  after: RelPath | null,
): Promise<{ readonly entries: readonly SelectedFolder[]; readonly next: RelPath | null }> {
  const folder = path === '' ? ROOT_NODE : (await chainTo(session, path)).at(-1).node;
  const found = (await session.ports.store.childrenOf('remote', folder))
    .filter((row) => isFolder(row) && row.remote?.name != null)
    .map((row) => ({ row, path: joinPath(path, row.remote!.name!) }))
    .filter((one) => after === null || one.path > after)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const entries: SelectedFolder[] = [];
  for (const one of found.slice(0, limit)) entries.push({ path: one.path, ...(await totalsOf(session, one.row)) });
  return { entries, next: found.length > entries.length ? entries.at(-1).path : null };
}

async function totalsOf(session: Session, top: NodeRow): Promise<Omit<SelectedFolder, 'path'>> {
  const { store } = session.ports;
  let [files, sizeBytes, kept] = [0, 0, 0];
  let hasFolders = false;
  let isPartly = false;
  const open = [top];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const isOut = at.remote?.unticked === true;
    if (isOut && at.local !== null)
      kept += (await store.childrenOf('local', at.node)).filter(({ local }) => local?.kind !== 'folder').length;
    for (const child of await store.childrenOf('remote', at.node)) {
      if (!isAlive(child.remote)) continue;
      if (child.remote.kind === 'folder') {
        hasFolders ||= at === top;
        isPartly ||= child.remote.unticked;
        open.push(child);
        continue;
      }
      files++;
      if (child.remote.content?.kind === 'file') sizeBytes += child.remote.content.sizeBytes;
    }
  }
  const isUnticked = top.remote?.unticked === true;
  const selection = isUnticked ? 'unticked' : isPartly ? 'partly' : 'ticked';
  return { selection, files, sizeBytes, hasFolders, kept };
}

function isFolder({ remote }: NodeRow): boolean {
  return isAlive(remote) && remote.kind === 'folder';
}

/** Whether a node is in a folder that is not to be here, as of a row's place in the journal while a page of it is read. */
export function isUntickedAt(
  session: Session,
  remoteOf: (node: NodeId) => NodeRow['remote'],
  node: NodeId,
  parent: NodeId,
): boolean {
  const seen = new Set<NodeId>();
  for (let at = node, above = parent; ;) {
    if (session.unticked.has(at)) return true;
    if (above === ROOT_NODE || seen.has(above)) return false;
    seen.add(above);
    at = above;
    above = remoteOf(at)?.parent ?? ROOT_NODE;
  }
}
