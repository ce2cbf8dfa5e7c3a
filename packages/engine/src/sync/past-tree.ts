import { namespaceIdOf, nextHash, parseEntry } from '@onefold/journal';
import { OnefoldError, ROOT_NODE, type Change, type Hash, type NodeId, type PlacedEntry } from '@onefold/protocol';
import { joinPath } from '../core/names.ts';
import { isAlive } from '../core/settled.ts';
import type { ContentValue, Name, NodeRow, RelPath } from '../core/tree.ts';
import type { Session } from './session.ts';

/*
 * The tree as it was after an entry of the journal. Rows tell what has changed since; only of those is the past looked up, by reading the
 * journal from its beginning up to that entry. What the server gives for it is the journal this device has verified, or it is refused: the
 * chain of hashes must end in the one that is known here.
 */

interface PastNode {
  readonly kind: string;
  parent: NodeId;
  name: Name | null;
  hidden: boolean;
  contentVersion: number;
  content: ContentValue | null;
}

/** One file or link of a tree. */
export interface PlacedFile {
  readonly node: NodeId;
  readonly path: RelPath;
  readonly contentVersion: number;
  readonly content: ContentValue | null;
}

export interface PastTree {
  /** By path: every file and link. */
  readonly files: ReadonlyMap<RelPath, PlacedFile>;
  readonly folders: ReadonlySet<RelPath>;
}

/** Files and folders below `folder` (ROOT_NODE: everything) by the journal, now and after entry `seq`; only what differs since then is in either. */
export async function treesSince(
  session: Session,
  folder: NodeId,
  seq: number,
): Promise<{ readonly then: PastTree; readonly now: PastTree }> {
  const { store } = session.ports;
  const rows = await rowsOf(session, await store.remoteChangedAfter(seq));
  await addDescendants(session, rows);
  const changed = [...rows.keys()];
  const past = await readPast(session, new Set(changed), seq);
  const then = collector();
  const now = collector();
  const cache = new Map<NodeId, NodeRow | undefined>();
  const rowOf = async (node: NodeId): Promise<NodeRow | undefined> => {
    if (!cache.has(node)) cache.set(node, rows.get(node) ?? (await store.rows([node]))[0]);
    return cache.get(node);
  };
  const placeNow = async (node: NodeId): Promise<Place | null> => {
    const remote = (await rowOf(node))?.remote ?? null;
    return remote === null || remote.hidden ? null : remote;
  };
  const placeThen = async (node: NodeId): Promise<Place | null> => {
    if (!rows.has(node)) return placeNow(node);
    const was = past.get(node);
    return was === undefined || was.hidden ? null : was;
  };
  for (const node of changed) {
    const was = past.get(node);
    const pathThen = was === undefined ? null : await pathBelow(folder, node, placeThen);
    if (was !== undefined && pathThen !== null) then.add(pathThen, { ...was, node });
    const { remote } = rows.get(node) ?? { remote: null };
    const pathNow = isAlive(remote) ? await pathBelow(folder, node, placeNow) : null;
    if (remote !== null && pathNow !== null) now.add(pathNow, { ...remote, node });
  }
  return { then: then.tree, now: now.tree };
}

interface Place {
  readonly parent: NodeId;
  readonly name: Name | null;
}

/** Where a node stands below a folder; null outside of it, or where something on the way is gone or has no name. */
async function pathBelow(
  folder: NodeId,
  node: NodeId,
  placeOf: (node: NodeId) => Promise<Place | null>,
): Promise<RelPath | null> {
  let path: RelPath | null = null;
  for (let at = node; at !== folder;) {
    if (at === ROOT_NODE) return null;
    const place = await placeOf(at);
    if (place?.name == null) return null;
    path = path === null ? place.name : joinPath(place.name, path);
    at = place.parent;
  }
  return path;
}

function collector() {
  const files = new Map<RelPath, PlacedFile>();
  const folders = new Set<RelPath>();
  return {
    tree: { files, folders },
    add(path: RelPath, { kind, node, contentVersion, content }: Omit<PlacedFile, 'path'> & { readonly kind: string }) {
      if (kind === 'folder') folders.add(path);
      else if (kind !== 'mount') files.set(path, { node, path, contentVersion, content });
    },
  };
}

/** A folder that moved or was deleted took what is in it along. */
async function addDescendants(session: Session, rows: Map<NodeId, NodeRow>): Promise<void> {
  const open = [...rows.values()].filter(({ remote }) => remote?.kind === 'folder');
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const child of await session.ports.store.childrenOf('remote', folder.node)) {
      if (rows.has(child.node)) continue;
      rows.set(child.node, child);
      if (child.remote?.kind === 'folder') open.push(child);
    }
  }
}

async function rowsOf(session: Session, nodes: readonly NodeId[]): Promise<Map<NodeId, NodeRow>> {
  const rows = new Map<NodeId, NodeRow>();
  for (let at = 0; at < nodes.length; at += 1_000) {
    for (const row of await session.ports.store.rows(nodes.slice(at, at + 1_000)))
      if (row !== undefined) rows.set(row.node, row);
  }
  return rows;
}

/** What the journal said of these nodes after entry `seq`; those that were not there yet are absent. */
async function readPast(session: Session, nodes: ReadonlySet<NodeId>, seq: number): Promise<Map<NodeId, PastNode>> {
  const past = new Map<NodeId, PastNode>();
  let hash: Hash | null = null;
  for (let after = -1; after < seq;) {
    const { entries } = await session.line.direct.entries(after, session.cursor?.remoteSeq ?? 0);
    if (entries.length === 0) throw new OnefoldError('server-answer-invalid', 'the journal ends too early');
    for (const placed of entries.filter((entry) => entry.seq <= seq)) {
      if (placed.seq !== after + 1) throw new OnefoldError('server-answer-invalid', 'the journal has a gap');
      hash = readEntry(session, past, nodes, placed, hash);
      after = placed.seq;
    }
  }
  if (hash !== (await session.ports.store.hashAt(seq)))
    throw new OnefoldError('server-answer-invalid', 'this is not the journal that was verified here');
  return past;
}

function readEntry(
  session: Session,
  past: Map<NodeId, PastNode>,
  nodes: ReadonlySet<NodeId>,
  placed: PlacedEntry,
  before: Hash | null,
): Hash {
  const entry = parseEntry(placed);
  if (before === null && namespaceIdOf(entry.raw) !== session.options.namespaceId)
    throw new OnefoldError('server-answer-invalid', 'the journal is of another namespace');
  if (entry.type === 'changeset') {
    const { epoch } = entry.header;
    for (const change of entry.body.changes) if (nodes.has(change.node)) readChange(session, past, change, epoch);
  }
  return before === null ? entry.hash : nextHash(before, placed.seq, entry.hash);
}

function readChange(session: Session, past: Map<NodeId, PastNode>, change: Change, epoch: number): void {
  const { sealing } = session.ports;
  const { node } = change;
  const nameOf = (version: number, sealed: Uint8Array): Name | null => {
    const opened = sealing.openPlace({ node, version, epoch }, sealed);
    return opened.outcome === 'opened' ? opened.value : null;
  };
  const contentOf = (version: number, sealed: Uint8Array): ContentValue | null => {
    const opened = sealing.openContent({ node, version, epoch }, sealed);
    if (opened.outcome !== 'opened') return null;
    if (opened.value.kind === 'link') return opened.value;
    return { kind: 'file', contentId: opened.value.contentId, sizeBytes: opened.value.sizeBytes };
  };
  const known = past.get(node);
  if (change.op === 'create') {
    const { kind, parent, content } = change;
    past.set(node, {
      kind,
      parent,
      name: nameOf(1, change.place),
      hidden: false,
      contentVersion: content === undefined ? 0 : 1,
      content: content === undefined ? null : contentOf(1, content.sealed),
    });
  } else if (known === undefined) return;
  else if (change.op === 'place') {
    const { parent, hidden } = change;
    Object.assign(known, { parent, hidden, name: nameOf(change.base + 1, change.sealed) });
  } else if (change.op === 'content') {
    known.contentVersion = change.base + 1;
    known.content = contentOf(change.base + 1, change.sealed);
  }
}
