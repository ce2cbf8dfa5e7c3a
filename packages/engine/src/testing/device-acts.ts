import { IGNORE_FILE } from '../core/ignore.ts';
import { keyOfBytes, keyOfTarget, type ContentLedger } from './content-ledger.ts';
import type { Coverage } from './coverage.ts';
import { DiskError } from './disk-error.ts';
import type { LossChecks } from './loss-checks.ts';
import { isAgainstMounts, mayMount, mayRenumber, MOUNT_POINT } from './mounts.ts';
import type { Scheduler } from './scheduler.ts';
import { createSeededRandom } from './seeded-random.ts';
import type { SimDevice } from './sim-device.ts';
import type { Step, UserAct } from './steps.ts';
import { isWithin, type Territories } from './territories.ts';
import { territoryOf } from './tree-snapshot.ts';
import { performAct } from './user-acts.ts';

/** Names under which something is taken out of the way. */
const MOST_TRIES = 100;

/** Steps of one device. */
export type DeviceStep = Exclude<Step, { readonly do: 'settle' | 'run' | 'advance' | 'phase' | 'server' | 'lose' }>;

/** The world as its devices' steps change it. */
export interface ActedWorld {
  readonly devices: readonly SimDevice[];
  readonly ledger: ContentLedger;
  readonly coverage: Coverage;
  readonly scheduler: Scheduler;
  readonly territories: Territories;
  readonly checks: LossChecks;
  /** Acts that may make one conflict copy each. */
  mutations: number;
  restores: number;
  /** Nothing had been done since the last rest when this step began. */
  readonly wasAtRest: boolean;
  start(device: SimDevice): void;
  drive<T>(promise: Promise<T>, budgetMs: number, what: string): T;
  /** Its failure is the world's. */
  watch(promise: Promise<unknown>): void;
}

/** What people, machines and disks do to one device. */
export class DeviceActs {
  readonly #world: ActedWorld;

  constructor(world: ActedWorld) {
    this.#world = world;
  }

  actOn(device: SimDevice, step: DeviceStep): void {
    switch (step.do) {
      case 'user':
        return this.#performAct(device, step);
      case 'crash':
        device.die();
        if (step.power) {
          device.writer = null;
          device.disk.crash(createSeededRandom(`power ${step.salt}`));
        }
        return;
      case 'start':
        return this.#world.start(device);
      case 'stop':
        if (device.life !== null) {
          const { engine } = device.life;
          this.#world.drive(engine.stop(), 600_000, 'stop');
          device.die();
        }
        return;
      case 'pause':
      case 'resume':
      case 'scan':
        if (device.life !== null) this.#world.watch(device.life.engine[step.do]());
        return;
      case 'sleep':
        // The machine slept: its timers stood still, then it is told.
        for (const listener of device.life?.resumeListeners ?? []) listener();
        return;
      case 'jump-clock':
        device.skew.ms += step.ms;
        return;
      case 'cut':
      case 'heal':
        device.conditions.isCut = step.do === 'cut';
        return device.life?.link.changed();
      case 'net-fault':
        device.conditions.faults.push(step.fault);
        return;
      case 'disk-fault': {
        const { operation, code, count } = step;
        device.disk.faults.push({ operation, code, count });
        return;
      }
      case 'break':
        // What the disk does not answer for may pass for a new thing once it does.
        if (step.aspect === 'stat') this.#mayDoubleBelow(device, step.path);
        return device.disk.breakEntry(step.path, step.aspect, step.code);
      case 'mend':
        return device.disk.healEntries();
      case 'fill-disk':
        device.disk.main.capacityBytes = device.disk.main.usedBytes() + 100;
        return;
      case 'empty-disk':
        device.disk.main.capacityBytes = Number.MAX_SAFE_INTEGER;
        return;
      case 'watcher':
        device.watcherFaults.isDeaf = step.becomes === 'deaf';
        if (step.becomes === 'overflowing') device.watcherFaults.overflowNext = true;
        return;
      case 'root':
        if (step.becomes === 'back') device.disk.restoreRoot();
        else device.disk.hideRoot(step.becomes);
        return;
      case 'rules':
        // In phase `own` a user writes in the own folder alone, rules as well.
        if (this.#world.territories.current === 'own' && !isWithin(step.folder, territoryOf(device.index))) return;
        return this.#writeRules(device, step.folder, step.text);
      case 'select':
        // Where a disk is mounted the folder could not go.
        if (device.life === null || (step.path === MOUNT_POINT && device.disk.hasVolumes())) return;
        this.#world.coverage.count('select', step.becomes);
        // What was moved out of it and is not sent yet, too.
        this.#mayDoubleAll(device);
        return this.#world.watch(device.life.engine.select(step.path, step.becomes));
      case 'back-up':
        device.backup = device.store.snapshot();
        return;
      case 'restore':
        if (device.backup === null) return;
        device.die();
        device.store.restore(device.backup);
        // Where something was moved meanwhile, an old state cannot tell that from something new.
        this.#mayDoubleAll(device);
        this.#world.restores++;
        return this.#world.start(device);
      case 'mount':
        return this.#mount(device, step);
      case 'unmount':
        return this.#unmount(device, step.path);
    }
  }

  #mount(device: SimDevice, { path, salt, isRenumbered }: Step & { do: 'mount' }): void {
    const { disk } = device;
    if (disk.rootProblem() !== null) return;
    const away = disk.away().find((one) => one.path === path);
    if (away === undefined && path === MOUNT_POINT && !this.#mayHaveDisk(device)) return;
    const act = (one: UserAct): void => this.#performOn(device, { do: 'user', device: device.index, act: one, salt });
    if (away === undefined && path === MOUNT_POINT && disk.find(path) === null) act({ act: 'mkdir', path });
    // What came to stand there meanwhile is taken out of the way.
    const folder = away === undefined ? null : disk.find(path);
    if (folder !== null && !disk.isMountPoint(path)) {
      for (const { name } of disk.entries(folder)) {
        for (let free = 0, from = `${path}/${name}`; disk.find(from) !== null && free < MOST_TRIES; free++)
          act({ act: 'rename', path: from, to: `out-${free}` });
      }
    }
    if (!mayMount(device, path)) return;
    const isOther = away !== undefined && isRenumbered === true && mayRenumber(device, path, away.volume);
    if (isOther) disk.renumber(away.volume);
    disk.mount(path);
    this.#world.coverage.count('mount', away === undefined ? 'fresh' : isOther ? 'renumbered' : 'back');
  }

  /**
   * While users write anywhere, a whole folder may be on its way to where another disk is by the time it comes. Nor do two devices have one at the same place:
   * what is taken out of the way of one would be on the other.
   */
  #mayHaveDisk(device: SimDevice): boolean {
    const { wasAtRest, devices, territories } = this.#world;
    if (!wasAtRest || territories.current === 'own') return false;
    return !devices.some((other) => other !== device && other.disk.hasVolumes());
  }

  #unmount(device: SimDevice, path: string): void {
    const found = device.disk.isMountPoint(path) ? device.disk.find(path) : null;
    if (found === null) return;
    // Nothing can be unmounted that a program holds open.
    if (device.writer !== null && found.volume.holds(device.writer.inode)) {
      device.writer.close();
      device.writer = null;
    }
    device.disk.unmount(path);
    this.#world.coverage.count('mount', 'away');
  }

  /** Every disk comes back whose folder is there. Answers whether there is still one that could not. */
  mountAll(): boolean {
    let isAnyLeft = false;
    for (const device of this.#world.devices) {
      for (const { path } of device.disk.away()) {
        this.#mount(device, { do: 'mount', device: device.index, path, salt: 0 });
        isAnyLeft ||= !device.disk.isMountPoint(path) && device.disk.find(path)?.inode.kind === 'folder';
      }
    }
    return isAnyLeft;
  }

  /** What comes and goes under a rule is told apart from what was deleted by nobody. */
  #writeRules(device: SimDevice, folder: string, text: string | null): void {
    if (device.disk.rootProblem() !== null) return;
    this.#world.territories.check(device);
    const path = folder === '' ? IGNORE_FILE : `${folder}/${IGNORE_FILE}`;
    this.#world.coverage.count('rules', text === null ? 'removed' : 'written');
    for (const one of this.#world.devices) this.#mayDoubleAll(one);
    try {
      // Whatever got this name, by a rename elsewhere perhaps, is overwritten or deleted by somebody who sees it.
      const standing = device.disk.find(path)?.inode;
      const before = standing?.kind === 'file' ? keyOfBytes(standing.data) : null;
      if (text === null) device.user.remove(path);
      else {
        this.#world.ledger.writtenBytes(Buffer.from(text), `rules on ${device.index}`, false);
        device.user.write(path, Buffer.from(text));
        // Rules that say the same come and go: a delete may be on its way while they stand again.
        const written = device.disk.find(path);
        if (written !== null) device.moved.add(written.inode.id);
        this.#world.ledger.mayDouble(keyOfBytes(Buffer.from(text)));
      }
      if (before !== null) this.#world.ledger.givenUp(before);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
    }
    this.#world.territories.record(device);
  }

  /** No rules any more: whatever they kept apart can be compared again. */
  withoutRules(): boolean {
    let hadSome = false;
    for (const device of this.#world.devices) {
      for (const { path, found } of device.disk.walk()) {
        if (found.inode.kind !== 'file') continue;
        if (path !== IGNORE_FILE && !path.endsWith(`/${IGNORE_FILE}`)) continue;
        hadSome = true;
        this.#writeRules(device, path.split('/').slice(0, -1).join('/'), null);
      }
    }
    return hadSome;
  }

  #mayDoubleAll(device: SimDevice): void {
    this.#mayDoubleBelow(device, '');
  }

  #mayDoubleBelow({ disk }: SimDevice, top: string): void {
    for (const { path, found } of disk.walk()) {
      if (top !== '' && path !== top && !path.startsWith(`${top}/`)) continue;
      const { kind, data, target } = found.inode;
      if (kind === 'file') this.#world.ledger.mayDouble(keyOfBytes(data));
      else if (kind === 'link') this.#world.ledger.mayDouble(keyOfTarget(target));
    }
  }

  #performAct(device: SimDevice, step: Step & { do: 'user' }): void {
    // A folder that is not the root has no user in these stories.
    if (device.disk.rootProblem() !== null || !this.#world.territories.isAllowed(device, step.act)) return;
    if (!isAgainstMounts(this.#world.devices, device, step.act)) this.#performOn(device, step);
  }

  #performOn(device: SimDevice, step: Step & { do: 'user' }): void {
    this.#world.territories.check(device);
    const moved = movedBy(device, step.act);
    // Taken out of a folder that is not to be here, it is a second one.
    const isChoosy = device.store
      .allRows()
      .some(({ remote }) => remote?.unticked === true || remote?.name === IGNORE_FILE);
    if (step.act.act === 'rename' && isChoosy) this.#mayDoubleAll(device);
    const didIt = performAct(device, this.#world.ledger, step.act, (inode) => this.#world.checks.fateOf(device, inode));
    this.#world.coverage.count(
      'act',
      `${step.act.act}${step.act.act === 'write' ? ` ${step.act.style}` : ''}${didIt ? '' : ' refused'}`,
    );
    this.#world.scheduler.note(`${step.act.act} ${didIt}`);
    if (!didIt) return;
    this.#world.mutations++;
    for (const inode of [...moved, ...movedBy(device, step.act)]) device.moved.add(inode);
    this.#world.territories.record(device);
  }
}

/** Inodes at and below the paths between which an act moves or copies. */
function movedBy({ disk }: SimDevice, act: UserAct): number[] {
  if (act.act !== 'rename' && act.act !== 'copy' && act.act !== 'hard-link') return [];
  return disk
    .walk()
    .filter(({ path }) => [act.path, act.to].some((end) => path === end || path.startsWith(`${end}/`)))
    .map(({ found }) => found.inode.id);
}
