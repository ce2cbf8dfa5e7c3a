import { changeSum, digestsOf, leafOf, NO_NODES, type TreeSum } from '@onefold/journal';
import {
  OnefoldError,
  ROOT_NODE,
  toOnefoldError,
  type DeviceId,
  type Hash,
  type NodeId,
  type NodeSnapshot,
} from '@onefold/protocol';
import type { RemoteState } from '../core/tree.ts';
import type { Remote } from '../ports.ts';
import { createBreather } from './breather.ts';
import { pageHash, readSnapshotPage, snapshotPages, type SnapshotPage } from './checkpoint-pages.ts';
import { readDigests } from './node-digests.ts';
import type { Session } from './session.ts';

/** Rows of a snapshot that stay in memory between the two times they are needed; further ones are read again. */
const HELD_BYTES = 48 * 1024 * 1024;
/** A row without its sealed parts, in memory. */
const ROW_BYTES = 1_000;

interface Page extends Pick<SnapshotPage, 'after'> {
  readonly hash: Hash;
  readonly rows: readonly NodeSnapshot[] | null;
}

export interface Snapshot {
  readonly seq: number;
  readonly sum: TreeSum;
  readonly pages: readonly Page[];
  /** This device wrote registers behind the position it knew. */
  readonly hasOwn: boolean;
}

/**
 * Reads the tree as of a checkpoint and adds it up; nothing of it is believed yet. Throws `journal-invalid` where it lacks a node that is known here, or a
 * version of one, or has another under the same number: nodes and versions never vanish, whoever says so.
 */
export async function readSnapshot(session: Session, seq: number, heldBytes = HELD_BYTES): Promise<Snapshot> {
  const sinceSeq = session.cursor?.remoteSeq ?? -1;
  const known = session.cursor === null ? [] : [...(await session.ports.store.remoteChangedAfter(-1))].sort();
  const breathe = createBreather(session.ports.clock);
  const pages: Page[] = [];
  const folders = new Map<NodeId, NodeId>();
  const parents = new Set<NodeId>();
  let [sum, held, nextKnown, hasOwn] = [NO_NODES, 0, 0, false];
  for await (const { after, rows } of snapshotPages(kept(session), seq)) {
    const leaves = rows.map((row) => leafOf(digestsOf(row)));
    const breath = breathe();
    if (breath !== null) await breath;
    sum = changeSum(sum, [], leaves);
    for (const { node, kind, parent } of rows) {
      // Both ascend: a node that is lacking is waited for to the end.
      if (known[nextKnown] === node) nextKnown++;
      parents.add(parent);
      if (kind === 'folder') folders.set(node, parent);
    }
    if (session.cursor !== null) await checkKnown(session, rows);
    hasOwn ||= rows.some((row) => isWrittenBy(row, session.device, sinceSeq));
    const isHeld = held < heldBytes;
    if (isHeld) held += rows.reduce((total, row) => total + sizeOf(row), 0);
    pages.push({ after, hash: pageHash(leaves), rows: isHeld ? rows : null });
  }
  if (nextKnown < known.length) throw lacking(known[nextKnown]);
  mustHang(folders, parents);
  return { seq, sum, pages, hasOwn };
}

/** The rows of a page once more. Throws `journal-invalid` when the server has others by now. */
export async function rowsOf(session: Session, seq: number, page: Page): Promise<readonly NodeSnapshot[]> {
  if (page.rows !== null) return page.rows;
  const { rows } = await readSnapshotPage(kept(session), seq, page.after);
  if (pageHash(rows.map((row) => leafOf(digestsOf(row)))) !== page.hash)
    throw new OnefoldError('journal-invalid', 'the server gave one tree for a checkpoint and then another');
  return rows;
}

/** A checkpoint that is not kept any more is no lie: what is asked for next is another one. */
function kept({ ports: { remote } }: Session): Pick<Remote, 'snapshot'> {
  return {
    snapshot: (seq, after) =>
      remote.snapshot(seq, after).catch((thrown: unknown) => {
        if (toOnefoldError(thrown).code === 'behind')
          throw new OnefoldError('server-error', 'the checkpoint went away while it was read');
        throw thrown;
      }),
  };
}

async function checkKnown(session: Session, rows: readonly NodeSnapshot[]): Promise<void> {
  const found = await session.ports.store.rows(rows.map(({ node }) => node));
  rows.forEach((row, i) => {
    const remote = found[i]?.remote ?? null;
    if (remote !== null && !isLater(row, remote))
      throw new OnefoldError('journal-invalid', 'a checkpoint says of a node what is older than what is known here', {
        details: { node: row.node },
      });
  });
}

/** Each register is of a later version, or is the one that is known. */
function isLater(row: NodeSnapshot, remote: RemoteState): boolean {
  const [is, was] = [digestsOf(row), readDigests(remote)];
  const isRight = (now: number, before: number, digest: Hash | null, known: Hash | null): boolean =>
    now > before || (now === before && (was === null || digest === known));
  return (
    row.kind === remote.kind &&
    isRight(row.place.version, remote.placeVersion, is.place, was?.place ?? null) &&
    isRight(row.content?.version ?? 0, remote.contentVersion, is.content, was?.content ?? null) &&
    isRight(row.attributes?.version ?? 0, remote.attributesVersion, is.attributes, was?.attributes ?? null)
  );
}

function isWrittenBy({ place, content, attributes }: NodeSnapshot, device: DeviceId, sinceSeq: number): boolean {
  return [place, content, attributes].some((one) => one !== null && one.device === device && one.seq > sinceSeq);
}

function sizeOf({ place, content, attributes }: NodeSnapshot): number {
  return ROW_BYTES + place.sealed.length + (content?.sealed?.length ?? 0) + (attributes?.sealed.length ?? 0);
}

/** Everything is in a folder, and every folder comes down from the top. */
function mustHang(folders: ReadonlyMap<NodeId, NodeId>, parents: ReadonlySet<NodeId>): void {
  const hanging = new Set<NodeId>([ROOT_NODE]);
  for (const parent of parents) {
    const way = new Set<NodeId>();
    for (let at = parent; !hanging.has(at);) {
      const above = folders.get(at);
      if (above === undefined || way.has(at))
        throw new OnefoldError('journal-invalid', 'the nodes of a checkpoint do not hang together');
      way.add(at);
      at = above;
    }
    for (const at of way) hanging.add(at);
  }
}

function lacking(node: NodeId | undefined): OnefoldError {
  return new OnefoldError('journal-invalid', 'a checkpoint lacks a node that is known here', { details: { node } });
}
