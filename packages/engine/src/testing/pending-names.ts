import type { Entry, Inode } from './memory-inode.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface NameEdit {
  readonly folder: Inode;
  readonly key: string;
  readonly entry: Entry | null;
}

export interface Pending {
  readonly edits: readonly NameEdit[];
  readonly requires: readonly Pending[];
  state: 'pending' | 'durable' | 'lost';
}

/** Operations on names that the platter does not have yet, and what each of them builds on. */
export class PendingNames {
  #pending: Pending[] = [];
  readonly #lastOnName = new Map<string, Pending>();
  readonly #lastPlacement = new Map<number, Pending>();
  readonly #inside = new Map<number, Pending[]>();
  readonly #freedBy = new Map<bigint, Pending>();

  count(): number {
    return this.#pending.filter((op) => op.state === 'pending').length;
  }

  insideOf(folder: Inode): readonly Pending[] {
    return this.#inside.get(folder.id) ?? [];
  }

  /** `extra`: operations that it builds on beside those on the same names, inodes and ancestors. */
  add(edits: readonly NameEdit[], touched: readonly Inode[], extra: readonly Pending[]): void {
    const requires = new Set<Pending>(extra.filter((op) => op.state === 'pending'));
    const need = (op: Pending | undefined) => op?.state === 'pending' && requires.add(op);
    for (const { folder, key } of edits) {
      need(this.#lastOnName.get(`${folder.id}/${key}`));
      for (let above: Inode | null = folder; above !== null; above = above.parent)
        need(this.#lastPlacement.get(above.id));
    }
    for (const inode of touched) {
      need(this.#lastPlacement.get(inode.id));
      need(this.#freedBy.get(inode.number));
    }
    const op: Pending = { edits, requires: [...requires], state: 'pending' };
    this.#pending.push(op);
    for (const { folder, key } of edits) {
      this.#lastOnName.set(`${folder.id}/${key}`, op);
      const inside = this.#inside.get(folder.id);
      if (inside === undefined) this.#inside.set(folder.id, [op]);
      else inside.push(op);
    }
    for (const inode of touched) this.#lastPlacement.set(inode.id, op);
  }

  /** Its last name has gone: whoever gets its number builds on that. */
  unlinked(inode: Inode): void {
    const op = this.#lastPlacement.get(inode.id);
    if (inode.linkCount === 0 && op !== undefined) this.#freedBy.set(inode.number, op);
  }

  persistInside(folder: Inode): void {
    for (const op of this.#inside.get(folder.id) ?? []) persist(op);
  }

  persistAll(): void {
    for (const op of this.#pending) persist(op);
  }

  forgetSettled(): void {
    if (this.#pending.length > 0) this.#pending = this.#pending.filter((op) => op.state === 'pending');
    if (this.#pending.length === 0) this.clear();
  }

  clear(): void {
    this.#pending = [];
    for (const known of [this.#lastOnName, this.#lastPlacement, this.#inside, this.#freedBy])
      if (known.size > 0) known.clear();
  }

  /** Keeps a legal subset, drawn from `random`: `ordered` a prefix. */
  crash(journal: 'ordered' | 'strict', random: SeededRandom): void {
    let isKept = true;
    for (const op of this.#pending) {
      if (op.state !== 'pending') continue;
      if (journal === 'ordered') {
        if (isKept && random.chance(0.15)) isKept = false;
      } else {
        isKept = random.chance(0.5);
      }
      if (isKept && op.requires.every((required) => required.state === 'durable')) persist(op);
      else op.state = 'lost';
    }
  }
}

function persist(op: Pending): void {
  if (op.state !== 'pending') return;
  for (const required of op.requires) persist(required);
  op.state = 'durable';
  for (const { folder, key, entry } of op.edits) {
    if (entry === null) folder.durableChildren.delete(key);
    else folder.durableChildren.set(key, entry);
    // A folder's, link's or special file's inode is written with its name; a file's data is not.
    if (entry !== null && entry.inode.durable === null && entry.inode.kind !== 'file') {
      entry.inode.durable = { data: entry.inode.data, mode: entry.inode.mode, mtimeNs: entry.inode.mtimeNs };
    }
    folder.durable = { data: folder.data, mode: folder.durable?.mode ?? folder.mode, mtimeNs: folder.mtimeNs };
  }
}
