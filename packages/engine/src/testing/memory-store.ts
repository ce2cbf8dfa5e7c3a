/*
 * The Store port in memory. A commit is one synchronous step: before its gate point nothing of it has happened, after it everything is
 * durable. What was committed is frozen: nobody can change it behind the store's back; in worlds run by the thousand (fake-signatures.ts) that is
 * left out. `snapshot` and `restore` are a backup of the state folder taken and put back.
 */
import type { TreeSum } from '@onefold/journal';
import type { BlockId, Hash, NodeId } from '@onefold/protocol';
import { diskNameOf } from '../core/local-name.ts';
import { searchKey, matchRank } from '../core/search-names.ts';
import { isAlive } from '../core/settled.ts';
import type { BlockReference, NodeReferences, NodeRow } from '../core/tree.ts';
import type { ActivityItem, Attention, Batch, Cursor, DiskIntent, InFlight, Intent, Side, Store } from '../ports.ts';
import { isFakingSignatures } from './fake-signatures.ts';
import { MemoryRows } from './memory-rows.ts';
import type { Gate } from './scheduler.ts';

interface State {
  rows: MemoryRows;
  references: Map<NodeId, NodeReferences>;
  blocks: Map<BlockId, BlockReference>;
  cursor: Cursor | null;
  hashes: Map<number, Hash>;
  members: string | null;
  treeSum: TreeSum | null;
  inFlight: InFlight | null;
  intents: Map<NodeId, Intent>;
  diskIntents: Map<string, DiskIntent>;
  attention: Map<string, Attention>;
  activity: ActivityItem[];
  facts: Map<string, string>;
}

function emptyState(): State {
  return {
    rows: new MemoryRows(),
    references: new Map(),
    blocks: new Map(),
    cursor: null,
    hashes: new Map(),
    members: null,
    treeSum: null,
    inFlight: null,
    intents: new Map(),
    diskIntents: new Map(),
    attention: new Map(),
    activity: [],
    facts: new Map(),
  };
}

/** What outlives the engine. `attach` opens it for one life. */
export class MemoryStore {
  #state = emptyState();
  /** Called after each commit with what it held. */
  onCommit: ((batch: Batch) => void) | null = null;

  snapshot(): unknown {
    return structuredClone({ ...this.#state, rows: this.#state.rows.all() });
  }

  /** The state folder is gone. */
  wipe(): void {
    this.#state = emptyState();
  }

  restore(snapshot: unknown): void {
    const { rows, ...rest } = structuredClone(snapshot) as Omit<State, 'rows'> & { readonly rows: readonly NodeRow[] };
    this.#state = { ...rest, rows: new MemoryRows() };
    for (const row of rows) this.#state.rows.put(deepFreeze(row));
  }

  /** Rows as they stand, for checkers. */
  allRows(): readonly NodeRow[] {
    return this.#state.rows.all();
  }

  unsettledRows(): readonly NodeRow[] {
    return this.#state.rows.unsettled();
  }

  allAttention(): readonly Attention[] {
    return [...this.#state.attention.values()];
  }

  /** What is still owed besides rows, in words; empty at rest. */
  leftovers(): string {
    const { inFlight, intents, diskIntents } = this.#state;
    return [
      ...(inFlight === null ? [] : [`in flight ${inFlight.opId}`]),
      ...[...intents.values()].map((intent) => `intent ${intent.direction} ${intent.node} ${intent.code}`),
      ...[...diskIntents.values()].map((intent) => `disk intent ${intent.detail}`),
    ].join('; ');
  }

  cursorNow(): Cursor | null {
    return this.#state.cursor;
  }

  commitNow(batch: Batch): void {
    const state = this.#state;
    if (batch.forgetLocal === true) {
      for (const row of state.rows.all()) state.rows.put(deepFreeze({ ...row, local: null, synced: null }));
    }
    if (batch.forgetJournal === true) {
      // A row that only the journal knew has nothing left, and goes.
      for (const row of state.rows.all()) state.rows.put(deepFreeze({ ...row, remote: null }));
      for (const known of [state.references, state.blocks, state.intents]) known.clear();
      Object.assign(state, { cursor: null, members: null, treeSum: null, inFlight: null });
    }
    for (const row of batch.rows ?? []) state.rows.put(row);
    for (const { node, value } of batch.references ?? []) {
      if (value === null) state.references.delete(node);
      else state.references.set(node, value);
    }
    for (const reference of batch.blocks ?? []) state.blocks.set(reference.blockId, reference);
    if (batch.cursor !== undefined) state.cursor = batch.cursor;
    for (const { seq, hash } of batch.hashes ?? []) state.hashes.set(seq, hash);
    if (batch.members !== undefined) state.members = batch.members;
    if (batch.treeSum !== undefined) state.treeSum = batch.treeSum;
    if (batch.inFlight !== undefined) state.inFlight = batch.inFlight;
    applyChanges(state.intents, batch.intents, (intent) => intent.node);
    applyChanges(state.diskIntents, batch.diskIntents, (intent) => intent.id);
    applyChanges(state.attention, batch.attention, (item) => item.id);
    for (const item of batch.activity ?? []) state.activity.push({ ...item, id: state.activity.length + 1 });
    for (const [key, value] of Object.entries(batch.facts ?? {})) {
      if (value === null) state.facts.delete(key);
      else state.facts.set(key, value);
    }
    this.onCommit?.(batch);
  }

  /**
   * Opens it for one life. Calls are carried out in the order made, as by one worker thread. With `readsAtOnce` only commits wait at the
   * gate: reading has no effect that anything could come between but the caller's own next act, which waits at a gate itself.
   */
  attach(anyOrder: Gate, readsAtOnce = false): Store {
    let turn: Promise<void> = Promise.resolve();
    const gate = (label: string): Promise<void> => (turn = turn.then(() => anyOrder(label)));
    const state = () => this.#state;
    const sorted = () => state().rows.all();
    const read = <T>(label: string, answer: () => T): Promise<T> =>
      (readsAtOnce ? turn : gate(`store ${label}`)).then(answer);
    return {
      commit: async (batch) => {
        if (!isFakingSignatures()) deepFreeze(batch);
        await gate('store commit');
        this.commitNow(batch);
      },
      rows: (nodes) => read('rows', () => nodes.map((node) => state().rows.get(node))),
      childrenOf: (side, parent) => read('children', () => state().rows.childrenOf(side, parent)),
      childrenByName: (side, keys) =>
        read('children-by-name', () =>
          keys.map(({ parent, name }) =>
            state()
              .rows.childrenOf(side, parent)
              .find((row) => isNamed(row, side, name)),
          ),
        ),
      childrenOnDisk: (keys) =>
        read('children-on-disk', () =>
          keys.map(({ parent, name }) =>
            state()
              .rows.childrenOf('local', parent)
              .find(({ local }) => diskNameOf(local!) === name),
          ),
        ),
      renamedHere: (limit) =>
        read('renamed-here', () =>
          sorted()
            .filter(({ local }) => local?.diskName !== undefined)
            .slice(0, limit),
        ),
      remoteChildrenByTag: (keys) =>
        read('children-by-tag', () =>
          keys.map(
            ({ parent, tag }) =>
              state()
                .rows.childrenOf('remote', parent)
                .find(({ remote }) => remote?.hidden === false && remote.nameTag === tag)?.node,
          ),
        ),
      remoteNamesakes: (parent, name, limit) =>
        read('namesakes', () =>
          sorted()
            .filter(({ remote }) => remote?.parent === parent && remote.name === name)
            .sort((a, b) => b.remote!.lastSeq - a.remote!.lastSeq)
            .slice(0, limit),
        ),
      childrenPage: (parent, after, limit) =>
        read('children-page', () =>
          sorted()
            .filter(({ local, remote }) => local?.parent === parent || (local === null && isAliveIn(remote, parent)))
            .filter((row) => after === null || byCodePoints(nameOf(row), after) > 0)
            .sort((a, b) => byCodePoints(nameOf(a), nameOf(b)))
            .slice(0, limit),
        ),
      named: (words, isDeleted, limit) =>
        read('named', () =>
          sorted()
            .filter(({ local, remote }) => (local === null && remote !== null && !isAlive(remote)) === isDeleted)
            .map((row) => ({ row, folded: searchKey(nameOf(row)) }))
            .filter(({ folded }) => words.every((word) => folded.includes(word)))
            .sort(
              (a, b) => matchRank(a.folded, words) - matchRank(b.folded, words) || a.folded.length - b.folded.length,
            )
            .slice(0, limit)
            .map(({ row }) => row),
        ),
      slice: (after, limit) =>
        read('slice', () => {
          const from = after ?? 0;
          const rows = sorted().slice(from, from + limit);
          return { rows, next: rows.length < limit ? null : from + limit };
        }),
      remoteChangedAfter: (seq) =>
        read('changed-after', () =>
          sorted()
            .filter((row) => row.remote !== null && row.remote.lastSeq > seq)
            .map((row) => row.node),
        ),
      localByInodes: (keys) =>
        read('by-inodes', () =>
          keys.map(({ device, inode }) =>
            state()
              .rows.withInode(inode)
              .filter(({ local }) => local?.stat.device === device),
          ),
        ),
      byContents: (contentIds) =>
        read('by-contents', () => contentIds.map((contentId) => state().rows.withContent(contentId).slice(0, 8))),
      unsettled: (limit, after) =>
        read('unsettled', () =>
          state()
            .rows.unsettled()
            .filter((row) => after === null || row.node > after)
            .slice(0, limit),
        ),
      counts: () =>
        read('counts', () => ({
          ...state().rows.localCounts(),
          unsettled: state().rows.unsettledCount(),
          notYetSafe: state().rows.unsafeCount(),
          bytesToMove: state().rows.bytesToMove(),
        })),
      rulesFiles: () => read('rules-files', () => state().rows.rulesFiles()),
      deleted: (limit) =>
        read('deleted', () =>
          sorted()
            .filter(({ local, remote }) => local === null && remote?.hidden === true)
            .sort((a, b) => b.remote!.lastSeq - a.remote!.lastSeq)
            .slice(0, limit),
        ),
      references: (nodes) => read('references', () => nodes.map((node) => state().references.get(node) ?? null)),
      knownBlocks: (blocks) => read('known-blocks', () => blocks.map((block) => state().blocks.get(block))),
      nodesWithBlocks: (blocks) =>
        read('nodes-with-blocks', () => {
          const wanted = new Set(blocks);
          const nodes = new Map<BlockId, NodeId>();
          for (const [node, { references }] of state().references) {
            for (const { blockId } of references ?? [])
              if (wanted.has(blockId) && !nodes.has(blockId)) nodes.set(blockId, node);
          }
          return nodes;
        }),
      cursor: () => read('cursor', () => state().cursor),
      hashAt: (seq) => read('hash', () => state().hashes.get(seq)),
      members: () => read('members', () => state().members),
      treeSum: () => read('tree-sum', () => state().treeSum),
      inFlight: () => read('in-flight', () => state().inFlight),
      intents: (limit) => read('intents', () => [...state().intents.values()].slice(0, limit)),
      diskIntents: () => read('disk-intents', () => [...state().diskIntents.values()]),
      attention: () => read('attention', () => [...state().attention.values()]),
      activity: (limit, before) =>
        read('activity', () => {
          // Ids are positions, counted from 1.
          const end = Math.min(state().activity.length, before === null ? Infinity : before - 1);
          return state()
            .activity.slice(Math.max(0, end - limit), Math.max(0, end))
            .reverse();
        }),
      fact: (key) => read('fact', () => state().facts.get(key) ?? null),
      async close() {
        await gate('store close');
      },
    };
  }
}

/** Freezes plain objects and arrays all the way down; bytes cannot be frozen. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const key in value) deepFreeze(value[key]);
  return value;
}

function nameOf({ local, remote }: NodeRow): string {
  return local?.name ?? remote?.name ?? '';
}

function isAliveIn(remote: NodeRow['remote'], parent: NodeId): boolean {
  return isAlive(remote) && remote.parent === parent;
}

function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isNamed(row: NodeRow, side: Side, name: string): boolean {
  return row[side]?.name === name && (side !== 'remote' || row.remote?.hidden === false);
}

function applyChanges<K extends string, T>(
  table: Map<K, T>,
  changes: { readonly put?: readonly T[]; readonly remove?: readonly K[] } | undefined,
  keyOf: (item: T) => K,
): void {
  for (const item of changes?.put ?? []) table.set(keyOf(item), item);
  for (const key of changes?.remove ?? []) table.delete(key);
}
