import { toOnefoldError, type BlockId, type ErrorCode, type NodeId } from '@onefold/protocol';
import type { BlockReference, NodeRow, RelPath } from '../core/tree.ts';
import type { AssembleItem, AssembleOutcome, BlockSource, ReadItem, Remote } from '../ports.ts';
import { findCopies, MAX_DONORS, type Copies } from './copies-here.ts';
import type { Session } from './session.ts';
import { makeRoom } from './trash.ts';
import type { StageItem, StageOutcome } from './travelling.ts';

/** How blocks get here. */
export interface StageWay {
  readonly remote: Remote;
  /** So many more of the files' own bytes are here. */
  readonly arrived: (plainBytes: number) => void;
  /** False beside the cycles: only they may keep anything of a node, since the journal may have gone on. */
  readonly keepsReferences: boolean;
  /** Where the one file goes on from what an earlier try has left. */
  readonly resumeAt?: RelPath;
}

interface StageResult {
  readonly outcomes: readonly StageOutcome[];
  readonly opened: readonly BlockReference[];
}

/**
 * Downloads the remote content of files into staging, all in one go. Outcomes in the order given; `opened` are blocks seen whole here. What the server does not
 * hold is taken from where it stands here under another name, or from the trash here.
 */
export async function stageFiles(
  session: Session,
  items: readonly StageItem[],
  way: StageWay = { remote: session.ports.remote, arrived: () => undefined, keepsReferences: true },
): Promise<StageResult> {
  const first = await stageOnce(session, items, way, new Map());
  const outcomes = [...first.outcomes];
  const copies = new Map<NodeId, Copies>();
  const again: number[] = [];
  for (const [index, { row }] of items.entries()) {
    const outcome = outcomes[index]!;
    if (!('failed' in outcome) || outcome.failed !== 'blocks-missing') continue;
    const its = await findCopies(session, row);
    if (its.donors.length === 0) continue;
    copies.set(row.node, its);
    again.push(index);
  }
  if (again.length === 0) return first;
  const second = await stageOnce(
    session,
    again.map((index) => items[index]!),
    way,
    copies,
  );
  again.forEach((index, i) => (outcomes[index] = second.outcomes[i]!));
  return { outcomes, opened: [...first.opened, ...second.opened] };
}

async function stageOnce(
  session: Session,
  items: readonly StageItem[],
  way: StageWay,
  copies: ReadonlyMap<NodeId, Copies>,
): Promise<StageResult> {
  const { files } = session.ports;
  const outcomes: StageOutcome[] = items.map(() => ({ failed: 'not-found' }));
  const plain = session.transfers.source(way.remote);
  const source = counted(plain, way.arrived);
  const known = await resolveReferences(session, items, plain, way.keepsReferences, copies);
  const donors = await createDonors(session, known.filter((data) => Array.isArray(data)).flat());
  const asked: Asked[] = [];
  // What an earlier try has left has its room already.
  const standingBytes = way.resumeAt === undefined ? 0 : await sizeAt(session, way.resumeAt);
  let bytes = 0;
  for (const [index, { row, localPath }] of items.entries()) {
    const content = row.remote?.content;
    const data = known[index]!;
    if (!('length' in data)) outcomes[index] = data;
    if (!('length' in data) || content?.kind !== 'file') continue;
    const roomBytes = Math.max(0, content.sizeBytes - standingBytes);
    bytes += roomBytes;
    const item: AssembleItem = {
      staging: way.resumeAt ?? files.stagingPath(localPath ?? ''),
      ...(way.resumeAt === undefined ? {} : { isResumed: true }),
      sizeBytes: content.sizeBytes,
      contentId: content.contentId,
      references: data,
      attributes: row.remote?.attributes ?? null,
      donors: [...(copies.get(row.node)?.donors ?? []), ...(await donors(row, localPath, data))],
    };
    asked.push({ index, item, roomBytes });
  }
  const tooMuch = await reserve(session, asked, bytes);
  for (const { index } of tooMuch) outcomes[index] = { failed: 'disk-full' };
  if (tooMuch.length > 0) asked.splice(0, asked.length, ...asked.filter((one) => !tooMuch.includes(one)));
  const written =
    asked.length === 0
      ? []
      : await assemble(
          session,
          asked.map(({ item }) => item),
          source,
        );
  const opened: BlockReference[] = [];
  let unwritten = 0;
  asked.forEach(({ index, item }, i) => {
    const result = written[i]!;
    if (result.outcome === 'failed') {
      outcomes[index] = { failed: result.code };
      if (result.code === 'disk-full') unwritten += item.sizeBytes;
      return;
    }
    outcomes[index] = { path: item.staging, stat: result.stat, contentId: item.contentId, attributes: item.attributes };
    if (result.fetchedBytes > 0) opened.push(...item.references);
  });
  // Fuller than it said (a quota, another writer): the next try finds more room.
  if (unwritten > 0) await makeRoom(session, unwritten);
  return { outcomes, opened };
}

interface Asked {
  readonly index: number;
  readonly roomBytes: number;
  readonly item: AssembleItem;
}

/** What there is no room for, if need be after the trash gave up what is safe on the server. The small ones go first. */
async function reserve(session: Session, asked: readonly Asked[], bytes: number): Promise<readonly Asked[]> {
  if (bytes === 0) return [];
  const free = await session.ports.files.freeBytes();
  if (free === null || bytes <= free) return [];
  let left = free + (await makeRoom(session, bytes - free));
  const bySize = [...asked].sort((a, b) => a.roomBytes - b.roomBytes);
  return bySize.filter(({ roomBytes }) => {
    if (roomBytes > left) return true;
    left -= roomBytes;
    return false;
  });
}

async function sizeAt({ ports }: Session, path: RelPath): Promise<number> {
  const [found] = await ports.files.stat([path]);
  return found != null && 'sizeBytes' in found ? found.sizeBytes : 0;
}

/** Assembles, or leaves nothing behind: without the server nothing of the batch can be told apart. */
async function assemble(
  session: Session,
  items: readonly AssembleItem[],
  source: BlockSource,
): Promise<readonly AssembleOutcome[]> {
  const { blocks, files } = session.ports;
  try {
    return await blocks.assemble(items, source);
  } catch (thrown) {
    const left = items.filter((item) => item.isResumed !== true);
    if (left.length > 0) await files.discard(left.map((item) => item.staging));
    throw thrown;
  }
}

/** The data references of each file; those of long files are fetched and kept. */
async function resolveReferences(
  session: Session,
  items: readonly StageItem[],
  source: BlockSource,
  areKept: boolean,
  copies: ReadonlyMap<NodeId, Copies>,
): Promise<readonly (readonly BlockReference[] | { readonly failed: ErrorCode })[]> {
  const { blocks, sealing, store } = session.ports;
  const stored = await store.references(items.map(({ row }) => row.node));
  const resolved: (readonly BlockReference[] | { readonly failed: ErrorCode })[] = [];
  for (const [i, { row }] of items.entries()) {
    const value = stored[i];
    // Its own manifest may be among what is lost. They are kept for no longer: what the journal says of the node is its own.
    const ofCopy = value?.references === null ? copies.get(row.node)?.references?.references : null;
    if (ofCopy != null) {
      resolved.push(ofCopy);
      continue;
    }
    if (value == null) {
      resolved.push({ failed: 'not-found' });
      continue;
    }
    if (value.references !== null) {
      resolved.push(value.references);
      continue;
    }
    try {
      const references = sealing.decodeReferences(await blocks.openBytes(value.manifest, source));
      if (areKept) await store.commit({ references: [{ node: row.node, value: { ...value, references } }] });
      resolved.push(references);
    } catch (thrown) {
      resolved.push({ failed: toOnefoldError(thrown).code });
    }
  }
  return resolved;
}

/** Finds local files that may hold blocks: a node's own old file, and a few others that hold one of the wanted ones. */
async function createDonors(session: Session, wanted: readonly BlockReference[]) {
  const { store } = session.ports;
  const ids = [...new Set(wanted.map((reference) => reference.blockId))];
  const holders: ReadonlyMap<BlockId, NodeId> = ids.length === 0 ? new Map() : await store.nodesWithBlocks(ids);
  const nodes = [...new Set(holders.values())];
  const found = nodes.length === 0 ? [] : await store.rows(nodes);
  const rows = new Map(nodes.map((node, i) => [node, found[i]]));

  return async (
    row: NodeRow,
    localPath: RelPath | null,
    references: readonly BlockReference[],
  ): Promise<ReadItem[]> => {
    const donors: ReadItem[] = [];
    if (row.local?.kind === 'file' && localPath !== null && row.local.stat.sizeBytes > 0) {
      donors.push({ path: localPath, expect: row.local.stat });
    }
    const others = new Set(references.map((reference) => holders.get(reference.blockId)));
    for (const node of others) {
      if (donors.length >= MAX_DONORS) break;
      const holder = node === undefined || node === row.node ? undefined : rows.get(node);
      const path =
        holder?.local?.kind === 'file' && holder.local.content !== null ? await session.paths.of(holder) : null;
      if (path !== null) donors.push({ path, expect: holder!.local!.stat });
    }
    return donors;
  };
}

function counted(source: BlockSource, done: (plainBytes: number) => void): BlockSource {
  return {
    found: done,
    async fetch(references) {
      const blocks = await source.fetch(references);
      done(references.reduce((sum, { plainLength }) => sum + plainLength, 0));
      return blocks;
    },
  };
}
