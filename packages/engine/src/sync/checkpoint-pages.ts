import {
  fromHex,
  OnefoldError,
  toHex,
  type Hash,
  type NodeId,
  type NodeSnapshot,
  type PlacedEntry,
} from '@onefold/protocol';
import { sha256 } from '@onefold/journal';
import type { Remote } from '../ports.ts';

/* What the server gives for a part of the journal that is not kept, page by page: well-formed, and nothing of it believed yet. */

export const HASH_BYTES = 32;

export interface SnapshotPage {
  /** The page comes behind this node. */
  readonly after: NodeId | null;
  readonly rows: readonly NodeSnapshot[];
}

export interface SkippedPosition {
  readonly seq: number;
  readonly hash: Hash;
  /** What is no changeset. */
  readonly entry: PlacedEntry | undefined;
}

/** The tree as of entry `seq`. Throws `server-answer-invalid` for pages that do not lead on. */
export async function* snapshotPages(remote: Pick<Remote, 'snapshot'>, seq: number): AsyncGenerator<SnapshotPage> {
  for (let after: NodeId | null = null; ;) {
    const page = await readSnapshotPage(remote, seq, after);
    yield { after, rows: page.rows };
    if (page.isLast) return;
    after = page.rows.at(-1)!.node;
  }
}

export async function readSnapshotPage(
  remote: Pick<Remote, 'snapshot'>,
  seq: number,
  after: NodeId | null,
): Promise<{ readonly rows: readonly NodeSnapshot[]; readonly isLast: boolean }> {
  const page = await remote.snapshot(seq, after);
  const isAscending = page.rows.every(({ node }, i) => {
    const before = i === 0 ? after : page.rows[i - 1]!.node;
    return before === null || before < node;
  });
  if (!isAscending || (page.rows.length === 0 && !page.isLast))
    throw new OnefoldError('server-answer-invalid', 'a snapshot out of order');
  return page;
}

/** The way from `after` to `to`. Throws `server-answer-invalid` where it ends before, or leads further. */
export async function* skippedPages(
  remote: Pick<Remote, 'skipped'>,
  from: number,
  to: number,
): AsyncGenerator<{ readonly count: number; readonly positions: Iterable<SkippedPosition> }> {
  for (let after = from; after < to;) {
    const { hashes, kept } = await remote.skipped(after, to);
    const count = hashes.length / HASH_BYTES;
    if (!Number.isInteger(count) || count === 0 || after + count > to)
      throw new OnefoldError('server-answer-invalid', 'the way to a checkpoint is cut short');
    yield { count, positions: positionsOf(after + 1, hashes, kept) };
    after += count;
  }
}

function* positionsOf(first: number, hashes: Uint8Array, kept: readonly PlacedEntry[]): Generator<SkippedPosition> {
  const bySeq = new Map(kept.map((entry) => [entry.seq, entry]));
  for (let at = 0; at < hashes.length; at += HASH_BYTES) {
    const seq = first + at / HASH_BYTES;
    yield { seq, hash: toHex(hashes.subarray(at, at + HASH_BYTES)) as Hash, entry: bySeq.get(seq) };
  }
}

/** One value for a page, whatever it holds of contents that may be purged meanwhile. */
export function pageHash(leaves: readonly Hash[]): Hash {
  return sha256(fromHex(leaves.join('')));
}
