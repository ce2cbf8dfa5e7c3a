import type { TreeSum } from '@onefold/journal';
import { decodeCbor, toOnefoldError, type BlockId, type CtHash, type Hash, type NodeId } from '@onefold/protocol';
import type { ActivityItem, Attention, Cursor, DiskIntent, InFlight, Intent, Store } from '../../ports.ts';
import type { BlockReference, NodeRow } from '../../core/tree.ts';
import { startWorkerCalls } from '../worker-calls.ts';
import { markDamaged, setAside, setAsideIfMarked } from './damaged-state.ts';
import { flattenBatch, reviveReferences, type FlatInFlight } from './flat-batch.ts';
import { decodeRow, encodeNameKey, signed, type FlatRow } from './row-columns.ts';
import type { KnownBlock } from './side-tables.ts';
import type { StateCalls } from './state-worker.ts';

export interface StateStore extends Store {
  /** Resolves when it must be opened anew: its thread has ended, or the state turned out to be damaged. */
  readonly lost: Promise<void>;
  /** What was there before could not be read, and lies beside it: this one knows nothing yet. */
  readonly isMadeAnew: boolean;
}

/**
 * The Store port on a SQLite database in a thread of its own. A damaged one is set aside, and a fresh one takes its place. Throws
 * `state-newer`, `daemon-running` (another process has it open) or what the disk says.
 */
export async function openStore(file: string): Promise<StateStore> {
  const wasMarked = setAsideIfMarked(file);
  try {
    return await open(file, wasMarked);
  } catch (error) {
    if (toOnefoldError(error).code !== 'state-corrupt') throw error;
    setAside(file);
    return open(file, true);
  }
}

async function open(file: string, isMadeAnew: boolean): Promise<StateStore> {
  const worker = startWorkerCalls<StateCalls>(new URL('./state-worker.ts', import.meta.url), { file });
  try {
    await worker.call('open');
  } catch (error) {
    await worker.close();
    throw error;
  }
  const damaged = Promise.withResolvers<undefined>();
  const call: typeof worker.call = (name, ...args) => {
    const answer = worker.call(name, ...args);
    answer.catch((error: unknown) => {
      if (toOnefoldError(error).code !== 'state-corrupt') return;
      markDamaged(file);
      damaged.resolve(undefined);
    });
    return answer;
  };

  return {
    lost: Promise.race([worker.ended, damaged.promise]),
    isMadeAnew,
    commit: (batch) => call('commit', flattenBatch(batch)),
    rows: async (nodes) => (await call('rows', nodes)).map(maybeRow),
    childrenOf: async (side, parent) => (await call('children', side, parent)).map(decodeRow),
    childrenByName: async (side, keys) => {
      const found = await call(
        'childByName',
        side,
        keys.map(({ parent, name }) => [parent, encodeNameKey(name)] as const),
      );
      return found.map(maybeRow);
    },
    async childrenOnDisk(keys) {
      const found = await call(
        'childOnDisk',
        keys.map(({ parent, name }) => [parent, encodeNameKey(name)] as const),
      );
      return found.map(maybeRow);
    },
    renamedHere: async (limit) => (await call('renamedHere', limit)).map(decodeRow),
    remoteChildrenByTag: async (keys) =>
      (await call(
        'childByTag',
        keys.map(({ parent, tag }) => [parent, tag] as const),
      )) as (NodeId | undefined)[],
    async remoteNamesakes(parent, name, limit) {
      const rows = (await call('namesakes', parent, encodeNameKey(name), limit)).map(decodeRow);
      return rows.sort((a, b) => b.remote!.lastSeq - a.remote!.lastSeq);
    },
    childrenPage: async (parent, after, limit) =>
      (await call('childrenPage', parent, after === null ? '' : encodeNameKey(after), limit)).map(decodeRow),
    named: async (words, isDeleted, limit) => (await call('named', words, isDeleted, limit)).map(decodeRow),
    async slice(after, limit) {
      const { rows, last } = await call('slice', after ?? 0, limit);
      return { rows: rows.map(decodeRow), next: last };
    },
    remoteChangedAfter: async (seq) => (await call('changedAfter', seq)) as NodeId[],
    localByInodes: async (keys) => {
      const found = await call(
        'byInode',
        keys.map(({ device, inode }) => [signed(device), signed(inode)] as const),
      );
      return found.map((rows) => rows.map(decodeRow));
    },
    byContents: async (contentIds) => (await call('byContent', contentIds)).map((rows) => rows.map(decodeRow)),
    unsettled: async (limit, after) => (await call('unsettled', limit, after)).map(decodeRow),
    rulesFiles: async () => (await call('rulesFiles')).map(decodeRow),
    async deleted(limit) {
      // Some may stand here again; twice as many leaves enough.
      const rows = (await call('deleted', limit * 2)).map(decodeRow).filter((row) => row.local === null);
      return rows.sort((a, b) => b.remote!.lastSeq - a.remote!.lastSeq).slice(0, limit);
    },
    counts: () => call('counts'),
    references: async (nodes) => (await call('references', nodes)).map(reviveReferences),
    knownBlocks: async (blocks) => (await call('knownBlocks', blocks)).map(reviveBlock),
    async nodesWithBlocks(blocks) {
      const found = await call('nodesWithBlocks', blocks);
      return new Map(
        blocks.flatMap((block, i) => (found[i] === undefined ? [] : [[block, found[i] as NodeId] as const])),
      );
    },
    cursor: async () => reviveCbor<Cursor>(await call('single', 'cursor')),
    hashAt: async (seq) => (await call('hash', seq)) as Hash | undefined,
    members: async () => reviveCbor<string>(await call('single', 'members')),
    treeSum: async () => reviveCbor<TreeSum>(await call('single', 'tree-sum')),
    async inFlight() {
      const flat = reviveCbor<FlatInFlight>(await call('single', 'in-flight'));
      return flat === null ? null : reviveInFlight(flat);
    },
    intents: async (limit) => (await call('intents', limit)).map((json) => JSON.parse(json) as Intent),
    diskIntents: async () => (await call('diskIntents')).map((json) => JSON.parse(json) as DiskIntent),
    attention: async () => (await call('attention')).map((json) => JSON.parse(json) as Attention),
    async activity(limit, before) {
      const found = await call('activity', limit, before);
      return found.map(([id, json]) => ({ ...(JSON.parse(json) as Omit<ActivityItem, 'id'>), id }));
    },
    fact: (key) => call('fact', key),
    close: () => worker.close(),
  };
}

function maybeRow(values: FlatRow | undefined): NodeRow | undefined {
  return values === undefined ? undefined : decodeRow(values);
}

function reviveBlock(block: KnownBlock | undefined): BlockReference | undefined {
  if (block === undefined) return undefined;
  const [blockId, epoch, ctHash, ctLength, plainLength] = block;
  return { epoch, blockId: blockId as BlockId, ctHash: ctHash as CtHash, ctLength, plainLength };
}

function reviveCbor<V>(bytes: Uint8Array | null): V | null {
  return bytes === null ? null : (decodeCbor(bytes) as V);
}

function reviveInFlight({ opId, header, signature, body, uploadId, nodes }: FlatInFlight): InFlight {
  return { opId, entry: { header, signature, body }, uploadId, nodes };
}
