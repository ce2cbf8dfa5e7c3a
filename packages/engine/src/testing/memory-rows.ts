import type { ContentId, NodeId } from '@onefold/protocol';
import { bytesToMove } from '../core/bytes-to-move.ts';
import { IGNORE_FILE } from '../core/ignore.ts';
import { isSafe, isSettled } from '../core/settled.ts';
import type { NodeRow } from '../core/tree.ts';
import type { Side } from '../ports.ts';

/** Rows of the store in memory. Whatever answers with rows gives them in the order of their ids. */
export class MemoryRows {
  readonly #rows = new Map<NodeId, NodeRow>();
  readonly #unsettled = new Set<NodeId>();
  readonly #unsafe = new Set<NodeId>();
  readonly #children = { local: new Index<NodeId>(), remote: new Index<NodeId>(), synced: new Index<NodeId>() };
  readonly #inodes = new Index<bigint>();
  readonly #contents = new Index<ContentId>();
  readonly #rules = new Set<NodeId>();
  #files = 0;
  #folders = 0;
  /** Outlives rows that change; gone when one comes or goes. */
  #order: readonly NodeId[] | null = null;
  #all: readonly NodeRow[] | null = null;

  get(node: NodeId): NodeRow | undefined {
    return this.#rows.get(node);
  }

  /** A row whose three states are all null is removed. */
  put(row: NodeRow): void {
    const { node } = row;
    const isGone = row.local === null && row.remote === null && row.synced === null;
    const before = this.#rows.get(node);
    if (isGone && before === undefined) return;
    this.#all = null;
    if (isGone || before === undefined) this.#order = null;
    if (isGone) this.#rows.delete(node);
    else this.#rows.set(node, row);
    this.#relist(node, before ?? { node, local: null, remote: null, synced: null }, row);
  }

  /** A list of its own: later changes do not show in it. */
  all(): readonly NodeRow[] {
    this.#order ??= [...this.#rows.keys()].sort();
    this.#all ??= this.#order.map((node) => this.#rows.get(node)!);
    return this.#all;
  }

  unsettled(): readonly NodeRow[] {
    return this.#inOrder(this.#unsettled);
  }

  unsettledCount(): number {
    return this.#unsettled.size;
  }

  bytesToMove(): number {
    let sum = 0;
    for (const node of this.#unsettled) sum += bytesToMove(this.#rows.get(node)!);
    return sum;
  }

  unsafeCount(): number {
    return this.#unsafe.size;
  }

  /** What stands here. */
  localCounts(): { readonly files: number; readonly folders: number } {
    return { files: this.#files, folders: this.#folders };
  }

  /** Rows of rules files in the journal's tree. */
  rulesFiles(): readonly NodeRow[] {
    return this.#inOrder(this.#rules);
  }

  childrenOf(side: Side, parent: NodeId): readonly NodeRow[] {
    return this.#inOrder(this.#children[side].nodes(parent));
  }

  /** Rows whose file here has that inode number, on whatever device. */
  withInode(inode: bigint): readonly NodeRow[] {
    return this.#inOrder(this.#inodes.nodes(inode));
  }

  /** Rows whose file has that content, here or in the journal. */
  withContent(contentId: ContentId): readonly NodeRow[] {
    return this.#inOrder(this.#contents.nodes(contentId));
  }

  #inOrder(nodes: ReadonlySet<NodeId>): NodeRow[] {
    const order = [...nodes];
    if (order.length > 1) order.sort();
    return order.map((node) => this.#rows.get(node)!);
  }

  /** Takes a row off every index and puts another version of it on, as far as they differ there. */
  #relist(node: NodeId, before: NodeRow, after: NodeRow): void {
    if (isSettled(after)) this.#unsettled.delete(node);
    else this.#unsettled.add(node);
    if (isSafe(after)) this.#unsafe.delete(node);
    else this.#unsafe.add(node);
    for (const side of SIDES) {
      const [was, is] = [before[side]?.parent, after[side]?.parent];
      if (was === is) continue;
      if (was !== undefined) this.#children[side].remove(was, node);
      if (is !== undefined) this.#children[side].add(is, node);
    }
    if (before.local !== after.local) {
      if (before.local !== null) this.#inodes.remove(before.local.stat.inode, node);
      if (after.local !== null) this.#inodes.add(after.local.stat.inode, node);
      this.#count(before.local, -1);
      this.#count(after.local, 1);
    }
    if (before.local?.content !== after.local?.content || before.remote?.content !== after.remote?.content) {
      for (const contentId of contentsOf(before)) this.#contents.remove(contentId, node);
      for (const contentId of contentsOf(after)) this.#contents.add(contentId, node);
    }
    if (after.remote?.name === IGNORE_FILE) this.#rules.add(node);
    else this.#rules.delete(node);
  }

  #count(local: NodeRow['local'], by: 1 | -1): void {
    if (local?.kind === 'folder') this.#folders += by;
    else if (local !== null) this.#files += by;
  }
}

const SIDES = ['local', 'remote', 'synced'] as const;

const NONE: ReadonlySet<NodeId> = new Set();

/** Which rows have a key. */
class Index<K> {
  readonly #nodes = new Map<K, Set<NodeId>>();

  nodes(key: K): ReadonlySet<NodeId> {
    return this.#nodes.get(key) ?? NONE;
  }

  add(key: K, node: NodeId): void {
    const nodes = this.#nodes.get(key);
    if (nodes === undefined) this.#nodes.set(key, new Set([node]));
    else nodes.add(node);
  }

  remove(key: K, node: NodeId): void {
    const nodes = this.#nodes.get(key);
    if (nodes?.delete(node) === true && nodes.size === 0) this.#nodes.delete(key);
  }
}

function contentsOf({ local, remote }: NodeRow): readonly ContentId[] {
  return [local?.content, remote?.content].flatMap((content) => (content?.kind === 'file' ? [content.contentId] : []));
}
