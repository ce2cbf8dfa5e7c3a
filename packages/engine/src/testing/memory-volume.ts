/*
 * One simulated volume: inodes, names, and what of them would survive a loss of power.
 *
 * Every change happens at once for running programs and is *pending* for the platter. A pending operation becomes durable by fsync (of
 * the folder it touched, or of anything at all on a volume with an ordered journal) or by luck at a crash. A crash keeps a legal
 * subset: never an operation without those it builds on (same name, same inode, a folder's own place and its ancestors', an inode
 * number it reuses), a rename whole or not at all. File data is kept old, new, or torn, apart from names.
 *
 *   operation: pending -> durable (fsync | kept by a crash) | lost (crash)
 *   inode:     linked <-> open only -> freed (its number is handed out again)
 */
import { nameProblem, type NameRules } from '../core/local-name.ts';
import { DiskError } from './disk-error.ts';
import type { Entry, Inode, InodeKind, VolumeOptions } from './memory-inode.ts';
import { PendingNames, type NameEdit, type Pending } from './pending-names.ts';
import type { SeededRandom } from './seeded-random.ts';

function isHeld(name: string, rules: NameRules): boolean {
  return nameProblem(name.replace(/[\u202a-\u202e\u2066-\u2069]/gu, '_'), rules) === null;
}

export class MemoryVolume {
  readonly root: Inode;
  options: Readonly<VolumeOptions>;
  capacityBytes: number;
  /** Grows with every name that comes, goes or changes. */
  nameChanges = 0;
  /** Grows with every change of what a file holds, or of its times and mode. */
  fileChanges = 0;
  #nextId: number;
  #nextNumber = 2n;
  readonly #free: bigint[] = [];
  readonly #live = new Set<Inode>();
  readonly #names = new PendingNames();

  constructor(options: VolumeOptions) {
    this.options = options;
    // Of the inodes of all volumes of a disk no two have the same.
    this.#nextId = Number(options.device - 1n) * 2 ** 32 + 1;
    this.capacityBytes = options.capacityBytes;
    this.root = this.#allocate('folder', 0o755);
    this.root.linkCount = 1;
    this.root.durable = { data: this.root.data, mode: 0o755, mtimeNs: this.root.mtimeNs };
  }

  key(name: string): string {
    const { system, isCaseSensitive } = this.options.names;
    const form = system === 'mac' ? name.normalize('NFC') : name;
    return isCaseSensitive ? form : form.toLowerCase();
  }

  now(): bigint {
    const now = this.options.nowNs();
    return now - (now % this.options.tickNs);
  }

  lookup(folder: Inode, name: string): Entry | undefined {
    return folder.children.get(this.key(name));
  }

  usedBytes(): number {
    let used = 0;
    for (const inode of this.#live) used += inode.data.length;
    return used;
  }

  /** Throws `disk-full` when `growBytes` more do not fit. */
  reserve(growBytes: number, path: string): void {
    if (growBytes > 0 && this.usedBytes() + growBytes > this.capacityBytes) throw new DiskError('disk-full', path);
  }

  create(folder: Inode, name: string, kind: InodeKind, mode: number, target = ''): Inode {
    if (this.lookup(folder, name) !== undefined) throw new DiskError('exists', name);
    const inode = this.#allocate(kind, mode);
    inode.target = target;
    this.#apply([{ folder, key: this.key(name), entry: { name, inode } }], [inode]);
    return inode;
  }

  link(inode: Inode, folder: Inode, name: string): void {
    if (this.lookup(folder, name) !== undefined) throw new DiskError('exists', name);
    if (inode.kind === 'folder') throw new DiskError('is-folder', name);
    this.#apply([{ folder, key: this.key(name), entry: { name, inode } }], [inode]);
    inode.ctimeNs = this.now();
  }

  /** POSIX rename on one volume; an existing file or link at the target is replaced, a folder never. */
  rename(fromFolder: Inode, fromName: string, toFolder: Inode, toName: string): void {
    const moved = this.lookup(fromFolder, fromName);
    if (moved === undefined) throw new DiskError('missing', fromName);
    const fromKey = this.key(fromName);
    const toKey = this.key(toName);
    const displaced = toFolder.children.get(toKey);
    const isSameName = fromFolder === toFolder && fromKey === toKey;
    if (!isSameName && displaced?.inode === moved.inode) return;
    if (displaced !== undefined && !isSameName && displaced.inode.kind === 'folder')
      throw new DiskError('is-folder', toName);
    if (moved.inode.kind === 'folder') {
      if (displaced !== undefined && !isSameName) throw new DiskError('not-folder', toName);
      for (let folder: Inode | null = toFolder; folder !== null; folder = folder.parent) {
        if (folder === moved.inode) throw new DiskError('into-itself', toName);
      }
    }
    const edits: NameEdit[] = [];
    if (!isSameName) edits.push({ folder: fromFolder, key: fromKey, entry: null });
    edits.push({ folder: toFolder, key: toKey, entry: { name: toName, inode: moved.inode } });
    const touched = displaced === undefined || isSameName ? [moved.inode] : [moved.inode, displaced.inode];
    this.#apply(edits, touched);
    moved.inode.ctimeNs = this.now();
    if (displaced !== undefined && !isSameName) this.#unlinked(displaced.inode);
  }

  unlink(folder: Inode, name: string): void {
    const entry = this.lookup(folder, name);
    if (entry === undefined) throw new DiskError('missing', name);
    if (entry.inode.kind === 'folder') {
      if (entry.inode.children.size > 0) throw new DiskError('not-empty', name);
      this.#apply([{ folder, key: this.key(name), entry: null }], [entry.inode], this.#names.insideOf(entry.inode));
    } else {
      this.#apply([{ folder, key: this.key(name), entry: null }], [entry.inode]);
    }
    this.#unlinked(entry.inode);
  }

  write(inode: Inode, data: Uint8Array, mtimeNs = this.now()): void {
    this.reserve(data.length - inode.data.length, 'write');
    this.fileChanges++;
    inode.data = data;
    inode.mtimeNs = mtimeNs;
    inode.ctimeNs = this.now();
    inode.dirty = true;
  }

  setTimes(inode: Inode, mtimeNs: bigint): void {
    this.fileChanges++;
    inode.mtimeNs = mtimeNs - (mtimeNs % this.options.keptNs);
    inode.ctimeNs = this.now();
    inode.dirty = true;
  }

  setMode(inode: Inode, mode: number): void {
    this.fileChanges++;
    inode.mode = mode;
    inode.ctimeNs = this.now();
    inode.dirty = true;
  }

  open(inode: Inode): void {
    inode.openCount++;
  }

  closeHandle(inode: Inode): void {
    inode.openCount--;
    this.#freeWhenUnused(inode);
  }

  /** fsync of one file or folder. */
  sync(inode: Inode): void {
    inode.durable = { data: inode.data, mode: inode.mode, mtimeNs: inode.mtimeNs };
    inode.dirty = false;
    if (this.options.journal === 'ordered') this.#names.persistAll();
    else if (inode.kind === 'folder') this.#names.persistInside(inode);
    this.#names.forgetSettled();
  }

  /** All of it becomes durable. */
  flush(): void {
    for (const inode of this.#live) this.sync(inode);
  }

  holds(inode: Inode): boolean {
    return this.#live.has(inode);
  }

  pendingCount(): number {
    return this.#names.count();
  }

  /** Power is lost: what stands afterwards is a legal subset drawn from `random`. Open handles are gone. */
  crash(random: SeededRandom): void {
    this.#names.crash(this.options.journal, random);
    // Also what was unlinked since, in case the unlinking is lost.
    const held = this.#durablyHeld();
    for (const inode of new Set([...this.#live, ...held])) {
      if (inode.dirty || inode.durable === null) this.#tear(inode, random);
    }
    this.#restoreFromDurable();
  }

  #durablyHeld(): ReadonlySet<Inode> {
    const held = new Set<Inode>([this.root]);
    for (const folder of held) for (const { inode } of folder.durableChildren.values()) held.add(inode);
    return held;
  }

  #tear(inode: Inode, random: SeededRandom): void {
    const before = inode.durable ?? { data: new Uint8Array(0), mode: inode.mode, mtimeNs: inode.mtimeNs };
    const fate = before.data === inode.data ? random.int(2) : random.int(4);
    if (fate === 0) inode.durable = before;
    else if (fate === 1) inode.durable = { data: inode.data, mode: inode.mode, mtimeNs: inode.mtimeNs };
    else {
      const torn = new Uint8Array(fate === 2 ? random.int(inode.data.length + 1) : inode.data.length);
      torn.set(inode.data.subarray(0, random.int(torn.length + 1)));
      inode.durable = { data: torn, mode: inode.mode, mtimeNs: inode.mtimeNs };
    }
  }

  #restoreFromDurable(): void {
    this.#names.clear();
    this.nameChanges++;
    const reached = new Set<Inode>([this.root]);
    const queue = [this.root];
    for (const inode of this.#live) inode.linkCount = 0;
    this.root.linkCount = 1;
    for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
      folder.children.clear();
      for (const [key, entry] of folder.durableChildren) {
        folder.children.set(key, entry);
        entry.inode.linkCount++;
        if (entry.inode.kind === 'folder') entry.inode.parent = folder;
        if (!reached.has(entry.inode) && entry.inode.kind === 'folder') queue.push(entry.inode);
        reached.add(entry.inode);
      }
    }
    for (const inode of [...this.#live]) {
      inode.openCount = 0;
      if (!reached.has(inode)) this.#release(inode);
    }
    for (const inode of reached) {
      this.#live.add(inode);
      const { data, mode, mtimeNs } = inode.durable!;
      const isChanged = data !== inode.data || mode !== inode.mode || mtimeNs !== inode.mtimeNs;
      Object.assign(inode, { data, mode, mtimeNs, dirty: false });
      if (isChanged) inode.ctimeNs = this.now();
      const taken = this.#free.indexOf(inode.number);
      if (taken >= 0) this.#free.splice(taken, 1);
    }
  }

  #allocate(kind: InodeKind, mode: number): Inode {
    const now = this.now();
    const inode: Inode = {
      id: this.#nextId++,
      // Most recently freed first, as ext4 does: the surest way to meet a number again.
      number: this.#free.pop() ?? this.#nextNumber++,
      kind,
      birthtimeNs: now,
      data: new Uint8Array(0),
      target: '',
      mode,
      mtimeNs: now,
      ctimeNs: now,
      linkCount: 0,
      openCount: 0,
      parent: null,
      children: new Map(),
      durableChildren: new Map(),
      durable: null,
      dirty: kind === 'file',
    };
    this.#live.add(inode);
    return inode;
  }

  #apply(edits: readonly NameEdit[], touched: readonly Inode[], extra: readonly Pending[] = []): void {
    for (const { entry } of edits) {
      const problem = entry === null ? null : nameProblem(entry.name, this.options.names);
      // Characters that only people are misled by stand on any disk.
      if (problem === null || (problem === 'illegal' && isHeld(entry!.name, this.options.names))) continue;
      throw new DiskError(problem === 'too-long' ? 'name-too-long' : 'name-illegal', entry!.name);
    }
    this.#names.add(edits, touched, extra);
    this.nameChanges++;
    for (const { folder, key, entry } of edits) {
      if (entry === null) {
        const removed = folder.children.get(key);
        if (removed !== undefined) removed.inode.linkCount--;
        folder.children.delete(key);
      } else {
        const replaced = folder.children.get(key);
        if (replaced !== undefined) replaced.inode.linkCount--;
        folder.children.set(key, entry);
        entry.inode.linkCount++;
        if (entry.inode.kind === 'folder') entry.inode.parent = folder;
      }
      folder.mtimeNs = this.now();
      folder.ctimeNs = folder.mtimeNs;
    }
  }

  #unlinked(inode: Inode): void {
    inode.ctimeNs = this.now();
    this.#names.unlinked(inode);
    this.#freeWhenUnused(inode);
  }

  #freeWhenUnused(inode: Inode): void {
    if (inode.linkCount === 0 && inode.openCount === 0 && this.#live.has(inode)) this.#release(inode);
  }

  #release(inode: Inode): void {
    this.#live.delete(inode);
    if (!this.#free.includes(inode.number)) this.#free.push(inode.number);
  }
}
