/*
 * The disk of one simulated device: volumes, mounts, the synced root and a folder outside it, as programs on the device see them. The
 * FileSystem port (disk-file-system.ts), the Blocks port and simulated users all go through here. Paths are relative to the synced root
 * and never follow links.
 */
import type { ErrorCode } from '@onefold/protocol';
import type { NameRules } from '../core/local-name.ts';
import type { FileStat, RelPath } from '../core/tree.ts';
import { DiskError } from './disk-error.ts';
import type { Entry, Inode, VolumeOptions } from './memory-inode.ts';
import { MemoryVolume } from './memory-volume.ts';
import type { SeededRandom } from './seeded-random.ts';

/** The product's own folder: at the root and at the top of every volume mounted inside. */
export const OWN_FOLDER = '.onefold';
export const STAGING_FOLDER = 'staging';
export const TRASH_FOLDER = 'trash';
const MARKER = 'marker';
const ROOT_NAME = 'folder';
/** Where a root is while it is hidden. */
const HIDDEN_NAME = 'hidden';

export type FaultOperation =
  'list' | 'stat' | 'create' | 'move' | 'trash' | 'attributes' | 'discard' | 'flush' | 'read' | 'write' | 'check-root';

export interface DiskFault {
  readonly operation: FaultOperation;
  readonly code: ErrorCode;
  count: number;
}

export interface DiskOptions {
  readonly nowNs: () => bigint;
  /** Step of the volumes' clock, 4 ms as on Linux unless told. */
  readonly tickNs?: bigint;
  /** Step of the times that can be set. */
  readonly keptNs?: bigint;
  readonly names?: NameRules;
  readonly journal?: 'ordered' | 'strict';
  readonly capacityBytes?: number;
}

/** Where a path leads. `entry` is undefined where the folder exists and the name does not. */
export interface Place {
  readonly volume: MemoryVolume;
  readonly folder: Inode;
  readonly name: string;
  readonly entry: Entry | undefined;
}

export interface Found {
  readonly volume: MemoryVolume;
  readonly inode: Inode;
}

/** What stands for as long as no name changes. */
interface Walked<Answer> {
  readonly nameChanges: number;
  readonly answer: Answer;
}

/** An engine's act on something it did not create in staging: what a checker of data loss wants to hear before it happens. */
export type DiskObserver = (act: {
  readonly act: 'displace' | 'displace-kept' | 'trash' | 'discard';
  readonly path: RelPath;
  readonly inode: Inode;
  /** Of what goes into the trash: a version holds it, so that it may be purged. */
  readonly isSent?: boolean;
}) => void;

export class MemoryDisk {
  readonly main: MemoryVolume;
  readonly faults: DiskFault[] = [];
  observer: DiskObserver | null = null;
  /** Hears of every change, as an inotify queue would. */
  onChange: ((paths: readonly RelPath[]) => void) | null = null;
  /** Faults that hit, by operation and code. */
  readonly faultsHit = new Map<string, number>();
  /** Where what lies in the trash stood. */
  readonly trashed = new Map<RelPath, { readonly path: RelPath; readonly isSent: boolean }>();
  readonly #options: Required<DiskOptions>;
  /** By the id of the folder that they are mounted on. */
  readonly #mounts = new Map<number, MemoryVolume>();
  /** Volumes that are not mounted now, by the id of the folder that they were mounted on. */
  readonly #away = new Map<number, { readonly volume: MemoryVolume; readonly path: RelPath }>();
  readonly #broken = new Map<number, { readonly aspect: 'stat' | 'read' | 'list'; readonly code: ErrorCode }>();
  #walked: Walked<readonly { readonly path: RelPath; readonly found: Found }[]> | null = null;
  #files: Walked<readonly Inode[]> | null = null;
  #mountChanges = 0;
  #nextDevice = 2n;
  #nextStaging = 1;
  #recordedRoot: { readonly number: bigint; readonly device: bigint } | null = null;

  constructor(options: DiskOptions) {
    this.#options = {
      tickNs: 4_000_000n,
      keptNs: 1n,
      names: { system: 'linux', isCaseSensitive: true },
      journal: 'ordered',
      capacityBytes: Number.MAX_SAFE_INTEGER,
      ...options,
    };
    this.main = new MemoryVolume(this.#volumeOptions(1n));
    this.main.sync(this.main.create(this.main.root, ROOT_NAME, 'folder', 0o755));
    this.main.sync(this.main.create(this.main.root, 'outside', 'folder', 0o755));
    this.main.sync(this.main.root);
  }

  get granularityNs(): bigint {
    const { tickNs, keptNs } = this.#options;
    return tickNs > keptNs ? tickNs : keptNs;
  }

  get nameRules(): NameRules {
    return this.#options.names;
  }

  /** Makes the root an adopted one: marker, staging and trash, all durable. */
  adopt(): void {
    const root = this.requireRoot();
    this.#recordedRoot = { number: root.number, device: this.main.options.device };
    const own = this.#ownFolder({ volume: this.main, inode: root });
    if (this.main.lookup(own, MARKER) === undefined) this.main.sync(this.main.create(own, MARKER, 'file', 0o600));
    for (const folder of [own, root, this.main.root]) this.main.sync(folder);
  }

  rootFolder(): Inode | null {
    const entry = this.main.lookup(this.main.root, ROOT_NAME);
    return entry?.inode.kind === 'folder' ? entry.inode : null;
  }

  requireRoot(): Inode {
    const root = this.rootFolder();
    if (root === null) throw new DiskError('missing', '');
    return root;
  }

  /** Null when this is the folder that was adopted; else what is wrong. */
  rootProblem(): 'missing' | 'replaced' | null {
    const root = this.rootFolder();
    if (root === null) return 'missing';
    const own = this.main.lookup(root, OWN_FOLDER);
    const hasMarker = own !== undefined && this.main.lookup(own.inode, MARKER) !== undefined;
    return hasMarker && root.number === this.#recordedRoot?.number ? null : 'replaced';
  }

  /** Takes the root away (renamed outside) or puts an empty folder in its place; `restore` undoes either. */
  hideRoot(how: 'missing' | 'replaced'): void {
    if (this.rootFolder() === null || this.main.lookup(this.main.root, HIDDEN_NAME) !== undefined) return;
    this.main.rename(this.main.root, ROOT_NAME, this.main.root, HIDDEN_NAME);
    if (how === 'replaced') this.main.create(this.main.root, ROOT_NAME, 'folder', 0o755);
    this.main.sync(this.main.root);
  }

  restoreRoot(): void {
    if (this.main.lookup(this.main.root, HIDDEN_NAME) === undefined) return;
    const stray = this.main.lookup(this.main.root, ROOT_NAME);
    if (stray !== undefined) this.main.rename(this.main.root, ROOT_NAME, this.main.root, `stray-${stray.inode.id}`);
    this.main.rename(this.main.root, HIDDEN_NAME, this.main.root, ROOT_NAME);
    this.main.sync(this.main.root);
  }

  /** Puts the volume that was mounted there before, or else a fresh one, on an existing folder, whose place is durable then. */
  mount(path: RelPath, known?: MemoryVolume): MemoryVolume {
    const place = this.place(path);
    if (place?.entry?.inode.kind !== 'folder') throw new DiskError('missing', path);
    const { id } = place.entry.inode;
    const volume = known ?? this.#away.get(id)?.volume ?? new MemoryVolume(this.#volumeOptions(this.#nextDevice++));
    for (const inode of [place.entry.inode, place.folder]) place.volume.sync(inode);
    this.#leaveMount(id);
    for (const [at, away] of this.#away) if (away.volume === volume) this.#away.delete(at);
    this.#mounts.set(id, volume);
    return volume;
  }

  /** A volume that is not mounted now will have another number than before. */
  renumber(volume: MemoryVolume): void {
    volume.options = { ...volume.options, device: this.#nextDevice++ };
  }

  /** What is on it becomes durable and stays on it. */
  unmount(path: RelPath): void {
    const id = this.place(path)?.entry?.inode.id;
    const volume = id === undefined ? undefined : this.#mounts.get(id);
    if (id === undefined || volume === undefined) return;
    volume.flush();
    this.#leaveMount(id);
    this.#away.set(id, { volume, path });
  }

  /** Volumes that are not mounted now, and where they were. */
  away(): readonly { readonly volume: MemoryVolume; readonly path: RelPath }[] {
    return [...this.#away.values()];
  }

  hasVolumes(): boolean {
    return this.#mounts.size + this.#away.size > 0;
  }

  /** A volume is mounted on this very folder: it cannot be moved or removed. */
  isMountPoint(path: RelPath): boolean {
    const entry = this.#mounts.size === 0 ? undefined : this.place(path)?.entry;
    return entry !== undefined && this.#mounts.has(entry.inode.id);
  }

  /** The folder that holds `path` and what it names there; null when an ancestor is missing or no folder. */
  place(path: RelPath): Place | null {
    const parts = path.split('/');
    const name = parts.pop()!;
    if (name === '' || name === '.' || name === '..') throw new DiskError('invalid-argument', path);
    const above = this.find(parts.join('/'));
    if (above?.inode.kind !== 'folder') return null;
    return { volume: above.volume, folder: above.inode, name, entry: above.volume.lookup(above.inode, name) };
  }

  /** What stands at `path`, mounts crossed, links not followed. */
  find(path: RelPath): Found | null {
    let inode = this.rootFolder();
    let volume = this.main;
    if (inode === null) return null;
    for (const part of path === '' ? [] : path.split('/')) {
      if (part === '' || part === '.' || part === '..') throw new DiskError('invalid-argument', path);
      if (inode.kind !== 'folder') return null;
      const next: Entry | undefined = volume.lookup(inode, part);
      if (next === undefined) return null;
      inode = next.inode;
      if (this.#mounts.size > 0) ({ volume, inode } = this.#crossMount({ volume, inode }));
    }
    return { volume, inode };
  }

  statOf({ volume, inode }: Found): FileStat {
    return {
      kind: inode.kind,
      sizeBytes: inode.kind === 'link' ? inode.target.length : inode.kind === 'folder' ? 4_096 : inode.data.length,
      mtimeNs: inode.mtimeNs,
      ctimeNs: inode.ctimeNs,
      birthtimeNs: inode.birthtimeNs,
      inode: inode.number,
      device: volume.options.device,
      linkCount: inode.linkCount,
      mode: inode.mode & 0o777,
    };
  }

  /** Entries of a folder in the order they were made, the product's own folder left out. */
  entries(folder: Found): readonly { readonly name: string; readonly found: Found }[] {
    const isTop = folder.inode === this.rootFolder() || folder.inode === folder.volume.root;
    const entries: { name: string; found: Found }[] = [];
    for (const { name, inode } of folder.inode.children.values()) {
      if (isTop && name === OWN_FOLDER) continue;
      entries.push({ name, found: this.#crossMount({ volume: folder.volume, inode }) });
    }
    return entries;
  }

  /** Every entry below the root with its path, parents first, names in code unit order; links are not followed. */
  walk(): readonly { readonly path: RelPath; readonly found: Found }[] {
    const nameChanges = this.#nameChanges();
    if (this.#walked?.nameChanges !== nameChanges) this.#walked = { nameChanges, answer: this.#walkNow() };
    return this.#walked.answer;
  }

  #walkNow(): readonly { readonly path: RelPath; readonly found: Found }[] {
    const all: { path: RelPath; found: Found }[] = [];
    const visit = (path: RelPath, folder: Found) => {
      const entries = [...this.entries(folder)].sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const { name, found } of entries) {
        const below = path === '' ? name : `${path}/${name}`;
        all.push({ path: below, found });
        if (found.inode.kind === 'folder') visit(below, found);
      }
    };
    const root = this.rootFolder();
    if (root !== null) visit('', { volume: this.main, inode: root });
    return all;
  }

  /** Like `walk`, of the folder that was adopted, wherever it is now, and of the volumes that belong in it, mounted or not. */
  walkAdopted(): readonly { readonly path: RelPath; readonly found: Found }[] {
    const hidden = this.main.lookup(this.main.root, HIDDEN_NAME);
    if (hidden === undefined && this.#away.size === 0) return this.walk();
    const all: { path: RelPath; found: Found }[] = [];
    const visit = (prefix: RelPath, folder: Found) => {
      for (const { name, inode } of folder.inode.children.values()) {
        const volume = this.#mounts.get(inode.id) ?? this.#away.get(inode.id)?.volume;
        const found = volume === undefined ? { volume: folder.volume, inode } : { volume, inode: volume.root };
        all.push({ path: prefix + name, found });
        visit(`${prefix}${name}/`, found);
      }
    };
    const top = hidden?.inode ?? this.rootFolder();
    if (top !== null) visit('', { volume: this.main, inode: top });
    return all;
  }

  /** Every file of ours and the user's that holds bytes on this device, own folders included, and volumes that are not mounted now. */
  allFiles(): readonly Inode[] {
    const nameChanges = this.#nameChanges();
    if (this.#files?.nameChanges !== nameChanges) this.#files = { nameChanges, answer: this.#filesNow() };
    return this.#files.answer;
  }

  #filesNow(): readonly Inode[] {
    const files: Inode[] = [];
    const visit = (folder: Inode) => {
      for (const { inode } of folder.children.values()) {
        if (inode.kind === 'file') files.push(inode);
        else if (inode.kind === 'folder') visit(inode);
      }
    };
    for (const volume of [this.main, ...this.#mounts.values()]) visit(volume.root);
    for (const { volume } of this.#away.values()) visit(volume.root);
    return files;
  }

  /** Top of the volume that holds `near`: the root, or where a volume is mounted. */
  topOf(near: RelPath): RelPath {
    let top = '';
    let here = '';
    let volume = this.main;
    for (const part of near.split('/').slice(0, -1)) {
      here = here === '' ? part : `${here}/${part}`;
      const found = this.find(here);
      if (found === null) break;
      if (found.volume !== volume) top = here;
      volume = found.volume;
    }
    return top;
  }

  /** Own subfolder (staging or trash) at a top, made when missing. Throws `missing` while the top is not there. */
  ownSubfolder(top: RelPath, name: string): Found {
    const found = this.find(top);
    if (found === null) throw new DiskError('missing', top);
    const own = this.#ownFolder(found);
    const existing = found.volume.lookup(own, name);
    return { volume: found.volume, inode: existing?.inode ?? found.volume.create(own, name, 'folder', 0o700) };
  }

  nextStagingName(): string {
    return `s${this.#nextStaging++}`;
  }

  /** Tops of the mounted volumes and the root, as paths. */
  tops(): readonly RelPath[] {
    const tops: RelPath[] = [''];
    if (this.#mounts.size === 0) return tops;
    for (const { path, found } of this.walk()) if (found.inode === found.volume.root) tops.push(path);
    return tops;
  }

  breakEntry(path: RelPath, aspect: 'stat' | 'read' | 'list', code: ErrorCode): void {
    const found = this.find(path);
    if (found !== null) this.#broken.set(found.inode.id, { aspect, code });
  }

  healEntries(): void {
    this.#broken.clear();
  }

  brokenCode(inode: Inode, aspect: 'stat' | 'read' | 'list'): ErrorCode | null {
    const broken = this.#broken.get(inode.id);
    if (broken !== undefined && broken.aspect === aspect) {
      this.#count(aspect, broken.code);
      return broken.code;
    }
    const needed = aspect === 'list' ? 0o500 : 0o400;
    return aspect !== 'stat' && (inode.mode & needed) !== needed ? 'access-denied' : null;
  }

  /** The fault that this operation meets now, or null. */
  takeFault(operation: FaultOperation): ErrorCode | null {
    const index = this.faults.findIndex((fault) => fault.operation === operation);
    if (index < 0) return null;
    const fault = this.faults[index]!;
    fault.count--;
    if (fault.count <= 0) this.faults.splice(index, 1);
    this.#count(operation, fault.code);
    return fault.code;
  }

  /** Power is lost on every volume. */
  crash(random: SeededRandom): void {
    this.main.crash(random);
    for (const volume of this.#mounts.values()) volume.crash(random);
  }

  changed(...paths: readonly RelPath[]): void {
    this.onChange?.(paths);
  }

  #count(operation: string, code: ErrorCode): void {
    const key = `${operation} ${code}`;
    this.faultsHit.set(key, (this.faultsHit.get(key) ?? 0) + 1);
  }

  #ownFolder(top: Found): Inode {
    const own = top.volume.lookup(top.inode, OWN_FOLDER);
    return own?.inode ?? top.volume.create(top.inode, OWN_FOLDER, 'folder', 0o700);
  }

  /** Another number whenever anything below the root may have changed. */
  changes(): number {
    let sum = this.#mountChanges + this.#nameChanges() + this.main.fileChanges;
    for (const volume of this.#mounts.values()) sum += volume.fileChanges;
    return sum;
  }

  #nameChanges(): number {
    let sum = this.main.nameChanges;
    for (const volume of this.#mounts.values()) sum += volume.nameChanges;
    return sum;
  }

  /** What was walked is forgotten, and the sum of changes goes on growing. */
  #leaveMount(key: number): void {
    const volume = this.#mounts.get(key);
    this.#mountChanges += 1 + (volume === undefined ? 0 : volume.nameChanges + volume.fileChanges);
    this.#mounts.delete(key);
    this.#walked = null;
    this.#files = null;
  }

  #crossMount(found: Found): Found {
    if (this.#mounts.size === 0) return found;
    const mounted = this.#mounts.get(found.inode.id);
    return mounted === undefined ? found : { volume: mounted, inode: mounted.root };
  }

  #volumeOptions(device: bigint): VolumeOptions {
    return {
      device,
      nowNs: this.#options.nowNs,
      tickNs: this.#options.tickNs,
      keptNs: this.#options.keptNs,
      names: this.#options.names,
      journal: this.#options.journal,
      capacityBytes: this.#options.capacityBytes,
    };
  }
}
