/*
 * N devices around a model server, driven step by step, `atBottom`. A world is a pure function of its script: nothing in it reads the
 * machine's clock, chance or disk.
 *
 *   phase free:  anyone writes anywhere; the ledger says what must survive
 *   phase own:   each device writes in its own folder only; then nobody else, the engine included, may change a byte there
 */
import type { ParsedChangeset } from '@onefold/journal';
import type { ServerEvent } from '@onefold/protocol';
import { Coverage } from './coverage.ts';
import { ContentLedger, keyOfBytes, keyOfTarget } from './content-ledger.ts';
import { IGNORE_FILE } from '../core/ignore.ts';
import { isAlive, sameContent, samePlace } from '../core/settled.ts';
import { DiskError } from './disk-error.ts';
import type { EngineFactory } from './engine-seam.ts';
import { localPath } from './local-tree.ts';
import { isFakingSignatures, setFaking } from './fake-signatures.ts';
import { createJournalTruth, type JournalTruth } from './journal-truth.ts';
import { memoryAccount } from './memory-account.ts';
import { contentIdOfBytes } from './memory-blocks.ts';
import type { Inode } from './memory-volume.ts';
import { createMemorySealing } from './memory-sealing.ts';
import { createMemoryServer, type MemoryServer } from './memory-server.ts';
import { countPolicy } from './policy-coverage.ts';
import { createScheduler, type Lane, type Scheduler } from './scheduler.ts';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';
import { untickedTouched } from './selection-checks.ts';
import { readTaken } from '../sync/taken.ts';
import { SimDevice, type Surroundings } from './sim-device.ts';
import type { Step, UserAct, WorldShape } from './steps.ts';
import { snapshotOf, territoryOf } from './tree-snapshot.ts';
import { DISPLACED_WRITE_LIMIT_MS, performAct, type WriterFate } from './user-acts.ts';
import { Violation } from './violation.ts';

export interface WorldOptions {
  readonly seed: string;
  readonly shape: WorldShape;
  readonly createEngine: EngineFactory;
  readonly wrapPorts?: Surroundings['wrapPorts'];
  /** Keeps every label of the trace, for looking at a failure. */
  readonly record?: boolean;
}

/** Share of the runs in which signatures are real though they could be faked. */
const REAL_SIGNATURES = 0.01;

/** Points after which a world that does not come to rest is stuck. */
export const MAX_POINTS_PER_DRIVE = 25_000;

/** All but `settle`, which is settle.ts. */
export type OrdinaryStep = Exclude<Step, { readonly do: 'settle' }>;

export class World {
  readonly scheduler: Scheduler;
  readonly server: MemoryServer;
  readonly truth: JournalTruth;
  readonly devices: readonly SimDevice[];
  readonly ledger = new ContentLedger();
  readonly coverage = new Coverage();
  readonly #random: SeededRandom;
  #serverLane: Lane;
  isServerUp = true;
  territory: 'free' | 'own' = 'free';
  /** In phase `own`: what each device's folder must look like, on its own disk, at any time. */
  readonly ownSnapshots = new Map<number, string>();
  /** In phase `own`: everything outside these folders, as it was at the phase's beginning. */
  sharedSnapshot: string | null = null;
  /** Acts that may make one conflict copy each. */
  mutations = 0;
  restores = 0;
  /** Files that engines replaced or trashed. Numbers and ids of inodes are those of one volume only. */
  readonly #removedAt = new WeakMap<Inode, { readonly act: string; readonly atMs: number }>();
  /** Nothing was done since the last rest. A script that was shrunk may have lost the rest that a phase begins at. */
  #isAtRest = true;
  #failure: unknown = null;

  constructor(options: WorldOptions) {
    this.#random = createSeededRandom(options.seed);
    const areSignaturesReal = this.#random.fork('signatures').chance(REAL_SIGNATURES);
    setFaking(!areSignaturesReal);
    this.coverage.count('signatures', areSignaturesReal || !isFakingSignatures() ? 'real' : 'faked');
    this.scheduler = createScheduler(this.#random.fork('order'), { record: options.record === true });
    const account = memoryAccount(options.shape.devices.length);
    this.server = createMemoryServer(account);
    this.#serverLane = this.scheduler.openLane('server');
    this.truth = createJournalTruth(this.server, createMemorySealing({ ...account.devices[0]!, user: account.user }));
    const surroundings: Surroundings = {
      scheduler: this.scheduler,
      account,
      server: this.server,
      serverLane: () => this.#serverLane,
      isServerUp: () => this.isServerUp,
      random: this.#random,
      createEngine: options.createEngine,
      wrapPorts: options.wrapPorts ?? ((ports) => ports),
      onFault: (label) => this.coverage.count('fault', label),
      onCall: (name) => this.coverage.count('call', name),
      onLog: (device, level, event, fields) => this.#onLog(device, level, event, fields),
    };
    this.devices = options.shape.devices.map((shape, index) => new SimDevice(index, shape, surroundings));
    for (const device of this.devices) {
      device.store.onCommit = ({ inFlight }) => {
        const problem = inFlight == null ? null : untickedTouched(device.store.allRows(), inFlight);
        if (problem !== null) this.fail(new Violation('what is not here is left alone elsewhere', problem));
      };
      device.disk.observer = (act) => this.#onEngineRemoval(device, act.act, act.path, act.inode);
    }
    this.server.inspector = (device, entry) => this.#inspect(device, entry);
    this.server.onEvent((event, except) => this.#publish(event, except));
  }

  /** Every step begins so: the order of points depends on the step alone. */
  begin(step: Step): void {
    this.scheduler.note(`step ${step.do}`);
    if (step.do !== 'start' && step.do !== 'phase') this.#isAtRest = step.do === 'settle';
    this.scheduler.reseed(createSeededRandom(`${step.salt}`));
  }

  /** Carries out one step, then looks at what must hold at any time. Throws Violation. */
  apply(step: OrdinaryStep): void {
    this.begin(step);
    this.#act(step);
    this.#raise();
    if (step.do !== 'run' && step.do !== 'user') this.checkNothingLost();
  }

  /** Starts a device's engine; failures of the start surface at the next step. */
  start(device: SimDevice): void {
    device.start().catch((error: unknown) => this.fail(error));
  }

  fail(error: unknown): void {
    this.#failure ??= error;
  }

  /** Runs points, and timers where no point waits, until `isDone`. Throws Violation when that does not come. */
  driveUntil(isDone: () => boolean, budgetMs: number, what: string): void {
    const endMs = this.scheduler.timeMs() + budgetMs;
    for (let points = 0; !isDone(); points++) {
      this.#raise();
      if (points > MAX_POINTS_PER_DRIVE) throw new Violation('comes to rest', `${what}: busy for ever`);
      if (this.scheduler.step()) continue;
      const next = this.scheduler.nextTimerMs();
      if (next === null) throw new Violation('comes to rest', `${what}: nothing moves any more`);
      if (next > endMs) throw new Violation('comes to rest', `${what}: not after ${budgetMs / 60_000} minutes`);
      this.scheduler.advance(Math.max(0, next - this.scheduler.timeMs()));
    }
    this.#raise();
  }

  /** Lets everything go on for so long. */
  runFor(durationMs: number): void {
    const endMs = this.scheduler.timeMs() + durationMs;
    for (let points = 0; this.scheduler.timeMs() < endMs; points++) {
      this.#raise();
      if (points > MAX_POINTS_PER_DRIVE) throw new Violation('comes to rest', `busy for ever within ${durationMs} ms`);
      if (this.scheduler.step()) continue;
      const next = this.scheduler.nextTimerMs() ?? endMs;
      this.scheduler.advance(Math.max(0, Math.min(next, endMs) - this.scheduler.timeMs()));
    }
    this.#raise();
  }

  /** Every owed content stands somewhere: on a disk, own folders of the product included, or in the journal. */
  checkNothingLost(): void {
    const onDisks = new Set(this.devices.flatMap(({ disk }) => disk.allFiles().map((inode) => keyOfBytes(inode.data))));
    for (const { key, what } of this.ledger.owed()) {
      if (key.startsWith('-> ') || onDisks.has(key) || this.#committedKeys().has(key)) continue;
      throw new Violation('nothing is lost', `${what} stands on no disk and in no version`);
    }
  }

  linkChanged(): void {
    for (const { life } of this.devices) life?.link.changed();
  }

  setServer(isUp: boolean): void {
    if (this.isServerUp === isUp) return;
    this.isServerUp = isUp;
    if (!isUp) {
      this.scheduler.cut(this.#serverLane);
      this.#serverLane = this.scheduler.openLane('server');
    }
    this.linkChanged();
  }

  #act(step: OrdinaryStep): void {
    const device = 'device' in step ? this.devices[step.device] : undefined;
    switch (step.do) {
      case 'run':
        for (let i = 0; i < step.points && this.scheduler.step(); i++);
        return;
      case 'advance':
        return this.scheduler.advance(step.ms, 20);
      case 'phase':
        return this.#beginPhase(step.territory);
      case 'server':
        if (step.becomes === 'collected') this.server.collect();
        else if (step.becomes === 'backed-up') this.server.backUp();
        else if (step.becomes === 'restored') this.server.restore();
        else this.setServer(step.becomes === 'up');
        return;
      default:
        return this.#actOn(device!, step);
    }
  }

  #actOn(device: SimDevice, step: Exclude<OrdinaryStep, { do: 'run' | 'advance' | 'phase' | 'server' }>): void {
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
        return this.start(device);
      case 'stop':
        if (device.life !== null) {
          const { engine } = device.life;
          this.drive(engine.stop(), 600_000, 'stop');
          device.die();
        }
        return;
      case 'pause':
      case 'resume':
      case 'scan':
        if (device.life !== null) this.#watch(device.life.engine[step.do]());
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
        if (this.territory === 'own' && !isWithin(step.folder, territoryOf(device.index))) return;
        return this.#writeRules(device, step.folder, step.text);
      case 'select':
        if (device.life === null) return;
        this.coverage.count('select', step.becomes);
        // What was moved out of it and is not sent yet, too.
        this.#mayDoubleAll(device);
        return this.#watch(device.life.engine.select(step.path, step.becomes));
      case 'back-up':
        device.backup = device.store.snapshot();
        return;
      case 'restore':
        if (device.backup === null) return;
        device.die();
        device.store.restore(device.backup);
        // Where something was moved meanwhile, an old state cannot tell that from something new.
        this.#mayDoubleAll(device);
        this.restores++;
        return this.start(device);
      case 'mount':
        if (device.disk.find(step.path)?.inode.kind === 'folder') device.disk.mount(step.path);
        return;
      case 'unmount':
        return device.disk.unmount(step.path);
    }
  }

  /** Waits for a promise of an engine while the world goes on. */
  drive<T>(promise: Promise<T>, budgetMs: number, what: string): T {
    let outcome: { readonly value: T } | { readonly error: unknown } | null = null;
    promise.then(
      (value) => (outcome = { value }),
      (error: unknown) => (outcome = { error }),
    );
    this.scheduler.drain();
    this.driveUntil(() => outcome !== null, budgetMs, what);
    const settled = outcome as unknown as { value: T } | { error: unknown };
    if ('error' in settled) throw settled.error;
    return settled.value;
  }

  /** What comes and goes under a rule is told apart from what was deleted by nobody. */
  #writeRules(device: SimDevice, folder: string, text: string | null): void {
    if (device.disk.rootProblem() !== null) return;
    this.checkOwnTerritory(device);
    const path = folder === '' ? IGNORE_FILE : `${folder}/${IGNORE_FILE}`;
    this.coverage.count('rules', text === null ? 'removed' : 'written');
    for (const one of this.devices) this.#mayDoubleAll(one);
    try {
      // Whatever got this name, by a rename elsewhere perhaps, is overwritten or deleted by somebody who sees it.
      const standing = device.disk.find(path)?.inode;
      const before = standing?.kind === 'file' ? keyOfBytes(standing.data) : null;
      if (text === null) device.user.remove(path);
      else {
        this.ledger.writtenBytes(Buffer.from(text), `rules on ${device.index}`, false);
        device.user.write(path, Buffer.from(text));
        this.ledger.mayDouble(keyOfBytes(Buffer.from(text)));
      }
      if (before !== null) this.ledger.givenUp(before);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
    }
    this.#recordOwn(device);
  }

  /** No rules any more: whatever they kept apart can be compared again. */
  withoutRules(): boolean {
    let hadSome = false;
    for (const device of this.devices) {
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
      if (kind === 'file') this.ledger.mayDouble(keyOfBytes(data));
      else if (kind === 'link') this.ledger.mayDouble(keyOfTarget(target));
    }
  }

  #performAct(device: SimDevice, step: Step & { do: 'user' }): void {
    // A folder that is not the root has no user in these stories.
    if (device.disk.rootProblem() !== null || !this.#isAllowed(device, step.act)) return;
    this.checkOwnTerritory(device);
    const moved = movedBy(device, step.act);
    // Taken out of a folder that is not to be here, it is a second one.
    const isChoosy = device.store
      .allRows()
      .some(({ remote }) => remote?.unticked === true || remote?.name === IGNORE_FILE);
    if (step.act.act === 'rename' && isChoosy) this.#mayDoubleAll(device);
    const didIt = performAct(device, this.ledger, step.act, (inode) => this.#fateOf(device, inode));
    this.coverage.count(
      'act',
      `${step.act.act}${step.act.act === 'write' ? ` ${step.act.style}` : ''}${didIt ? '' : ' refused'}`,
    );
    this.scheduler.note(`${step.act.act} ${didIt}`);
    if (!didIt) return;
    this.mutations++;
    for (const inode of [...moved, ...movedBy(device, step.act)]) device.moved.add(inode);
    this.#recordOwn(device);
  }

  /** What a user did in the own folder is how it has to stay. */
  #recordOwn({ index, disk }: SimDevice): void {
    if (this.territory === 'own') this.ownSnapshots.set(index, snapshotOf(disk, territoryOf(index)));
  }

  /** A script that was shrunk may have lost what led a user into another's territory. */
  #isAllowed({ index, disk }: SimDevice, act: UserAct): boolean {
    if (this.territory === 'free' || !('path' in act)) return true;
    const isOwn = (path: string): boolean => isWithin(path, territoryOf(index));
    const ends =
      act.act === 'rename' || act.act === 'copy' || act.act === 'hard-link' ? [act.path, act.to] : [act.path];
    if (!ends.every(isOwn)) return false;
    // What is done to a file of several names is done to all of them, wherever they are.
    const inode = disk.find(act.path)?.inode;
    if (inode?.kind !== 'file' || inode.linkCount === 1) return true;
    return disk.walk().every(({ path, found }) => found.inode !== inode || isOwn(path));
  }

  /** In phase `own` nobody but the user changes what is in the device's own folder. */
  checkOwnTerritory(device: SimDevice): void {
    const expected = this.ownSnapshots.get(device.index);
    if (this.territory !== 'own' || expected === undefined || device.disk.rootProblem() !== null) return;
    const found = snapshotOf(device.disk, territoryOf(device.index));
    if (found !== expected) {
      throw new Violation(
        'what only one writes stays as written',
        `on ${device.index}:\nexpected\n${expected}\nfound\n${found}`,
      );
    }
  }

  #beginPhase(territory: 'free' | 'own'): void {
    if (territory === 'own' && !this.#isAtRest) return;
    this.territory = territory;
    this.ownSnapshots.clear();
    if (territory === 'free') return;
    for (const device of this.devices)
      this.ownSnapshots.set(device.index, snapshotOf(device.disk, territoryOf(device.index)));
    this.sharedSnapshot = snapshotOf(this.devices[0]!.disk, null);
  }

  /** What becomes of bytes that a program writes to a file it holds open, wherever that file is by now. */
  #fateOf(device: SimDevice, inode: Inode): WriterFate {
    const removed = this.#removedAt.get(inode);
    if (removed === undefined) return device.disk.walk().some(({ found }) => found.inode === inode) ? 'stands' : 'lost';
    // The trash is the user's to open; what was replaced is looked at once more and kept beside the file.
    if (removed.act === 'trash') return 'kept';
    return this.scheduler.timeMs() - removed.atMs < DISPLACED_WRITE_LIMIT_MS ? 'stands' : 'lost';
  }

  #onEngineRemoval(device: SimDevice, act: string, path: string, inode: Inode): void {
    this.coverage.count('removal', act);
    if (act !== 'discard') this.#removedAt.set(inode, { act, atMs: this.scheduler.timeMs() });
    if (inode.kind === 'folder' || act === 'displace-kept') return;
    if (act === 'trash') this.#checkTrash(device, path, inode);
    // A file that was only begun is nobody's empty file.
    if (act === 'discard' && inode.data.length === 0 && inode.kind === 'file' && readTaken(path) === null) return;
    const isLink = inode.kind === 'link';
    const key = isLink ? `-> ${inode.target}` : keyOfBytes(inode.data);
    const owed = this.ledger.get(key);
    if (owed?.isOwed !== true) return;
    const isCommitted = isLink
      ? this.truth.hasLinkTarget(inode.target)
      : this.truth.hasContent(contentIdOfBytes(inode.data));
    if (isCommitted) return;
    const stands = device.disk.walk().some(
      ({ path: at, found }) =>
        // Another name of the same file keeps its bytes in sight.
        (found.inode !== inode || at !== path) &&
        found.inode.kind === inode.kind &&
        (isLink ? found.inode.target === inode.target : keyOfBytes(found.inode.data) === key),
    );
    if (!stands)
      this.fail(
        new Violation(
          'only what is safe is removed',
          `${act} of ${path} on ${device.index}: ${owed.what} is in no version`,
        ),
      );
  }

  /** What the engine itself knows to be wanted here, unchanged, is not removed. */
  #checkTrash(device: SimDevice, path: string, inode: Inode): void {
    const rows = new Map(device.store.allRows().map((row) => [row.node, row]));
    for (const { node, local, remote } of rows.values()) {
      if (local?.stat.inode !== inode.number || local.kind !== 'file' || !isAlive(remote)) continue;
      // Of a file with several names only the one at this very path.
      if (localPath(rows, node) !== path) continue;
      if (remote.unticked) continue;
      if (samePlace(local, remote) && sameContent(local.content, remote.content)) {
        this.fail(
          new Violation(
            'only what was deleted is deleted',
            `${device.index} removes ${path}, which the journal wants there`,
          ),
        );
      }
    }
  }

  /**
   * "I could not see it" is never "the user deleted it": nobody commits the deletion of a file that stands, the same, where the journal has it.
   * Files that a user of that device moved or copied lately are left out: they may have gone and come back.
   */
  #inspect(deviceId: string, entry: ParsedChangeset): () => void {
    const device = this.devices.find((one) => one.deviceId === deviceId)!;
    const standing: string[] = [];
    const hidden = entry.body.changes.filter((change) => change.op === 'place' && change.hidden);
    const tops = hidden.map(({ node }) => this.truth.pathOf(node)).filter((path) => path !== null);
    if (tops.length > 0) {
      const tree = this.truth.tree();
      for (const { path, found } of device.disk.walkAdopted()) {
        if (found.inode.kind !== 'file' || device.moved.has(found.inode.id)) continue;
        if (!tops.some((top) => path === top || path.startsWith(`${top}/`))) continue;
        const content = tree.get(path)?.content;
        if (content?.kind === 'file' && content.contentId === contentIdOfBytes(found.inode.data)) standing.push(path);
      }
    }
    return () => {
      if (standing.length === 0) return;
      this.fail(
        new Violation(
          'only what was deleted is deleted',
          `${device.index} deletes what stands on its disk: ${standing.join(', ')}`,
        ),
      );
    };
  }

  #committed: { readonly head: string; readonly keys: Set<string> } = { head: '', keys: new Set() };

  /** Ledger keys of contents that some entry committed. */
  #committedKeys(): ReadonlySet<string> {
    const head = this.server.head().hash;
    if (this.#committed.head !== head) {
      const keys = new Set<string>();
      for (const { key, contentId } of this.ledger.all()) {
        if (contentId !== null && this.truth.hasContent(contentId)) keys.add(key);
      }
      this.#committed = { head, keys };
    }
    return this.#committed.keys;
  }

  #publish(event: ServerEvent, except: string | null): void {
    for (const device of this.devices) if (device.deviceId !== except) device.life?.link.deliver(event);
  }

  #onLog(device: number, level: string, event: string, fields: Readonly<Record<string, unknown>> | undefined): void {
    this.coverage.count('log', `${level} ${event}`);
    if (event === 'plan') countPolicy(this.coverage, this.devices[device]!.store.unsettledRows(), fields ?? {});
    if (typeof fields?.['code'] === 'string') this.coverage.count('code', fields['code']);
    this.scheduler.note(`log ${device} ${event}`);
    this.scheduler.remark(() => JSON.stringify(fields, replaceBigint));
    if (level === 'error') {
      this.fail(new Violation('no internal errors', `${event} on ${device}: ${JSON.stringify(fields, replaceBigint)}`));
    }
  }

  #watch(promise: Promise<unknown>): void {
    promise.catch((error: unknown) => this.fail(error));
  }

  #raise(): void {
    if (this.#failure === null) return;
    const failure = this.#failure;
    this.#failure = null;
    throw failure instanceof Violation ? failure : new Violation('no failures from outside', failureText(failure));
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

function failureText(failure: unknown): string {
  return failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
}

function replaceBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
