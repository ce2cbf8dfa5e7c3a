/*
 * The Store port in memory. A commit is one synchronous step: before its gate point nothing of it has happened, after it everything is
 * durable. `snapshot` and `restore` are a backup of the state folder taken and put back.
 */
import type { BlockId, ContentId, Hash, NodeId } from '@onefold/protocol';
import { isSafe, isSettled } from '../core/settled.ts';
import type { BlockReference, NodeReferences, NodeRow } from '../core/tree.ts';
import type { ActivityItem, Attention, Batch, Cursor, DiskIntent, InFlight, Intent, Side, Store } from '../ports.ts';
import type { Gate } from './scheduler.ts';

interface State {
  rows: Map<NodeId, NodeRow>;
  references: Map<NodeId, NodeReferences>;
  blocks: Map<BlockId, BlockReference>;
  cursor: Cursor | null;
  hashes: Map<number, Hash>;
  members: string | null;
  inFlight: InFlight | null;
  intents: Map<NodeId, Intent>;
  diskIntents: Map<string, DiskIntent>;
  attention: Map<string, Attention>;
  activity: ActivityItem[];
  facts: Map<string, string>;
}

function emptyState(): State {
  return {
    rows: new Map(),
    references: new Map(),
    blocks: new Map(),
    cursor: null,
    hashes: new Map(),
    members: null,
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
    return structuredClone(this.#state);
  }

  /** The state folder is gone. */
  wipe(): void {
    this.#state = emptyState();
  }

  restore(snapshot: unknown): void {
    this.#state = structuredClone(snapshot) as State;
  }

  /** Rows as they stand, for checkers. */
  allRows(): readonly NodeRow[] {
    return [...this.#state.rows.values()];
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
      for (const [node, row] of state.rows) {
        if (row.remote === null) state.rows.delete(node);
        else state.rows.set(node, { ...row, local: null, synced: null });
      }
    }
    if (batch.forgetJournal === true) {
      for (const [node, row] of state.rows) {
        if (row.local === null && row.synced === null) state.rows.delete(node);
        else state.rows.set(node, { ...row, remote: null });
      }
      for (const known of [state.references, state.blocks, state.intents]) known.clear();
      Object.assign(state, { cursor: null, members: null, inFlight: null });
    }
    for (const row of batch.rows ?? []) {
      if (row.local === null && row.remote === null && row.synced === null) state.rows.delete(row.node);
      else state.rows.set(row.node, row);
    }
    for (const { node, value } of batch.references ?? []) {
      if (value === null) state.references.delete(node);
      else state.references.set(node, value);
    }
    for (const reference of batch.blocks ?? []) state.blocks.set(reference.blockId, reference);
    if (batch.cursor !== undefined) state.cursor = batch.cursor;
    for (const { seq, hash } of batch.hashes ?? []) state.hashes.set(seq, hash);
    if (batch.members !== undefined) state.members = batch.members;
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

  /** Opens it for one life. Calls are carried out in the order made, as by one worker thread. */
  attach(anyOrder: Gate): Store {
    let turn: Promise<void> = Promise.resolve();
    const gate = (label: string): Promise<void> => (turn = turn.then(() => anyOrder(label)));
    const state = () => this.#state;
    const sorted = () => [...state().rows.values()].sort((a, b) => (a.node < b.node ? -1 : 1));
    const read = async <T>(label: string, answer: () => T): Promise<T> => {
      await gate(`store ${label}`);
      return answer();
    };
    return {
      commit: async (batch) => {
        // What the caller changes after the call is none of the store's business.
        const own = structuredClone(batch);
        await gate('store commit');
        this.commitNow(own);
      },
      rows: (nodes) => read('rows', () => nodes.map((node) => state().rows.get(node))),
      childrenOf: (side, parent) => read('children', () => sorted().filter((row) => row[side]?.parent === parent)),
      childrenByName: (side, keys) =>
        read('children-by-name', () => {
          const rows = sorted();
          return keys.map(({ parent, name }) => rows.find((row) => isChildNamed(row, side, parent, name)));
        }),
      remoteChildrenByTag: (keys) =>
        read('children-by-tag', () => {
          const rows = sorted().filter(({ remote }) => remote?.hidden === false);
          return keys.map(
            ({ parent, tag }) => rows.find(({ remote }) => remote?.parent === parent && remote.nameTag === tag)?.node,
          );
        }),
      remoteChangedAfter: (seq) =>
        read('changed-after', () =>
          sorted()
            .filter((row) => row.remote !== null && row.remote.lastSeq > seq)
            .map((row) => row.node),
        ),
      localByInodes: (keys) =>
        read('by-inodes', () => {
          const rows = sorted();
          return keys.map(({ device, inode }) =>
            rows.filter(({ local }) => local?.stat.device === device && local.stat.inode === inode),
          );
        }),
      byContents: (contentIds) =>
        read('by-contents', () => {
          const rows = sorted();
          return contentIds.map((contentId) => rows.filter((row) => hasContent(row, contentId)).slice(0, 8));
        }),
      unsettled: (limit, after) =>
        read('unsettled', () =>
          sorted()
            .filter((row) => (after === null || row.node > after) && !isSettled(row))
            .slice(0, limit),
        ),
      counts: () =>
        read('counts', () => {
          const rows = sorted();
          return {
            files: rows.filter(({ local }) => local !== null && local.kind !== 'folder').length,
            folders: rows.filter((row) => row.local?.kind === 'folder').length,
            unsettled: rows.filter((row) => !isSettled(row)).length,
            notYetSafe: rows.filter((row) => !isSafe(row)).length,
          };
        }),
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
      inFlight: () => read('in-flight', () => state().inFlight),
      intents: (limit) => read('intents', () => [...state().intents.values()].slice(0, limit)),
      diskIntents: () => read('disk-intents', () => [...state().diskIntents.values()]),
      attention: () => read('attention', () => [...state().attention.values()]),
      activity: (limit, before) =>
        read('activity', () =>
          state()
            .activity.filter((item) => before === null || item.id < before)
            .reverse()
            .slice(0, limit),
        ),
      fact: (key) => read('fact', () => state().facts.get(key) ?? null),
      async close() {
        await gate('store close');
      },
    };
  }
}

function isChildNamed(row: NodeRow, side: Side, parent: NodeId, name: string): boolean {
  const state = row[side];
  if (state?.parent !== parent || state.name !== name) return false;
  return side !== 'remote' || row.remote?.hidden === false;
}

function hasContent(row: NodeRow, contentId: ContentId): boolean {
  return [row.local?.content, row.remote?.content].some(
    (content) => content?.kind === 'file' && content.contentId === contentId,
  );
}

function applyChanges<K extends string, T>(
  table: Map<K, T>,
  changes: { readonly put?: readonly T[]; readonly remove?: readonly K[] } | undefined,
  keyOf: (item: T) => K,
): void {
  for (const item of changes?.put ?? []) table.set(keyOf(item), item);
  for (const key of changes?.remove ?? []) table.delete(key);
}
