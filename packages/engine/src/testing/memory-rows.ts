import type { ContentId, NodeId } from '@onefold/protocol';
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
  /** Outlives rows that change; gone when one comes or goes. */
  #order: readonly NodeId[] | null = null;
  #all: readonly NodeRow[] | null = null;

  get(node: NodeId): NodeRow | undefined {
    return this.#rows.get(node);
  }

  /** A row whose three states are all null is removed. */
  put(row: NodeRow): void {
    const { node } = row;
    const before = this.#rows.get(node);
    if (before !== undefined) this.#unlist(before);
    this.#all = null;
    if (row.local === null && row.remote === null && row.synced === null) {
      this.#rows.delete(node);
      this.#order = null;
      return;
    }
    if (before === undefined) this.#order = null;
    this.#rows.set(node, row);
    this.#list(row);
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

  unsafeCount(): number {
    return this.#unsafe.size;
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
    return [...nodes].sort().map((node) => this.#rows.get(node)!);
  }

  #list(row: NodeRow): void {
    const { node } = row;
    if (!isSettled(row)) this.#unsettled.add(node);
    if (!isSafe(row)) this.#unsafe.add(node);
    for (const side of SIDES) if (row[side] !== null) this.#children[side].add(row[side].parent, node);
    if (row.local !== null) this.#inodes.add(row.local.stat.inode, node);
    for (const contentId of contentsOf(row)) this.#contents.add(contentId, node);
  }

  #unlist(row: NodeRow): void {
    const { node } = row;
    this.#unsettled.delete(node);
    this.#unsafe.delete(node);
    for (const side of SIDES) if (row[side] !== null) this.#children[side].remove(row[side].parent, node);
    if (row.local !== null) this.#inodes.remove(row.local.stat.inode, node);
    for (const contentId of contentsOf(row)) this.#contents.remove(contentId, node);
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
