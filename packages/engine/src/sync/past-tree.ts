import { changeSum, digestsOf, leafOf, namespaceIdOf, nextHash, NO_NODES, parseEntry, rootOf } from '@onefold/journal';
import {
  OnefoldError,
  ROOT_NODE,
  type Change,
  type Hash,
  type NodeId,
  type NodeSnapshot,
  type PlacedEntry,
} from '@onefold/protocol';
import { joinPath } from '../core/names.ts';
import { isAlive } from '../core/settled.ts';
import type { ContentValue, Name, NodeRow, RelPath } from '../core/tree.ts';
import type { RegisterAt } from '../ports.ts';
import { snapshotPages } from './checkpoint-pages.ts';
import type { Session } from './session.ts';

/*
 * The tree as it was after an entry of the journal. Rows tell what has changed since; only of those is the past looked up, by reading the
 * journal from its beginning, or from the oldest checkpoint, up to that entry. What the server gives for it is the journal this device has
 * verified, or it is refused: the chain of hashes must end in the one that is known here.
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
    const { entries, reset } = await session.line.direct.entries(after, session.cursor?.remoteSeq ?? 0);
    if (reset !== undefined && hash === null) {
      hash = await readCheckpoint(session, past, nodes, reset.wholeFrom, seq);
      after = reset.wholeFrom - 1;
      continue;
    }
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

/**
 * What a checkpoint says of these nodes, as the server has it; its entry is one that is known here, and what comes is added up to what that says. Answers H of
 * its position. Throws `not-found` when it is younger than what is asked for.
 */
async function readCheckpoint(
  session: Session,
  past: Map<NodeId, PastNode>,
  nodes: ReadonlySet<NodeId>,
  entrySeq: number,
  seq: number,
): Promise<Hash> {
  const at = entrySeq - 1;
  if (at > seq) throw new OnefoldError('not-found', 'the server keeps the journal no longer than after that moment');
  const { direct } = session.line;
  const [placed] = (await direct.entries(at, session.cursor?.remoteSeq ?? 0)).entries;
  const entry = placed === undefined ? undefined : parseEntry(placed);
  const known = await session.ports.store.hashAt(entrySeq);
  if (
    placed?.seq !== entrySeq ||
    entry?.type !== 'checkpoint' ||
    nextHash(entry.body.hash, entrySeq, entry.hash) !== known
  )
    throw new OnefoldError('server-answer-invalid', 'this is no checkpoint that was verified here');
  let sum = NO_NODES;
  for await (const { rows } of snapshotPages(direct, at)) {
    sum = changeSum(
      sum,
      [],
      rows.map((row) => leafOf(digestsOf(row))),
    );
    for (const row of rows) if (nodes.has(row.node)) past.set(row.node, readRow(session, row));
  }
  if (rootOf(sum) !== entry.body.nodesRoot)
    throw new OnefoldError('server-answer-invalid', 'this is not the tree of the checkpoint');
  return entry.body.hash;
}

function readRow(session: Session, { node, kind, parent, hidden, place, content }: NodeSnapshot): PastNode {
  const name = nameOf(session, { node, ...place }, place.sealed);
  const value = content?.sealed === undefined ? null : contentOf(session, { node, ...content }, content.sealed);
  return { kind, parent, name, hidden, contentVersion: content?.version ?? 0, content: value };
}

function nameOf({ ports: { sealing } }: Session, at: RegisterAt, sealed: Uint8Array): Name | null {
  const opened = sealing.openPlace(at, sealed);
  return opened.outcome === 'opened' ? opened.value : null;
}

function contentOf({ ports: { sealing } }: Session, at: RegisterAt, sealed: Uint8Array): ContentValue | null {
  const opened = sealing.openContent(at, sealed);
  if (opened.outcome !== 'opened') return null;
  if (opened.value.kind === 'link') return opened.value;
  return { kind: 'file', contentId: opened.value.contentId, sizeBytes: opened.value.sizeBytes };
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
  const { node } = change;
  const known = past.get(node);
  if (change.op === 'create') {
    const { kind, parent, content } = change;
    past.set(node, {
      kind,
      parent,
      name: nameOf(session, { node, version: 1, epoch }, change.place),
      hidden: false,
      contentVersion: content === undefined ? 0 : 1,
      content: content === undefined ? null : contentOf(session, { node, version: 1, epoch }, content.sealed),
    });
  } else if (known === undefined) return;
  else if (change.op === 'place') {
    const { parent, hidden } = change;
    const name = nameOf(session, { node, version: change.base + 1, epoch }, change.sealed);
    Object.assign(known, { parent, hidden, name });
  } else if (change.op === 'content') {
    known.contentVersion = change.base + 1;
    known.content = contentOf(session, { node, version: change.base + 1, epoch }, change.sealed);
  }
}
