/*
 * N devices around a model server, driven step by step, `atBottom`. A world is a pure function of its script: nothing in it reads the
 * machine's clock, chance or disk.
 *
 *   phase free:  anyone writes anywhere; the ledger says what must survive
 *   phase own:   each device writes in its own folder only; then nobody else, the engine included, may change a byte there
 */
import type { ServerEvent } from '@onefold/protocol';
import { Coverage } from './coverage.ts';
import { ContentLedger } from './content-ledger.ts';
import { DeviceActs } from './device-acts.ts';
import type { EngineFactory } from './engine-seam.ts';
import { isFakingSignatures, setFaking } from './fake-signatures.ts';
import { LossChecks } from './loss-checks.ts';
import { createJournalTruth, type JournalTruth } from './journal-truth.ts';
import { memoryAccount } from './memory-account.ts';
import { createMemorySealing } from './memory-sealing.ts';
import { createMemoryServer } from './memory-server.ts';
import type { MemoryServer } from './memory-server-calls.ts';
import { countPolicy } from './policy-coverage.ts';
import { createScheduler, type Lane, type Scheduler } from './scheduler.ts';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';
import { untickedTouched } from './selection-checks.ts';
import { SimDevice, type Surroundings } from './sim-device.ts';
import type { Step, WorldShape } from './steps.ts';
import { Territories } from './territories.ts';
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
  readonly territories = new Territories();
  readonly checks: LossChecks;
  readonly #acts: DeviceActs;
  /** Acts that may make one conflict copy each. */
  mutations = 0;
  restores = 0;
  /** Nothing was done since the last rest. */
  #isAtRest = true;
  wasAtRest = true;
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
    this.checks = new LossChecks(this);
    this.#acts = new DeviceActs(this);
    for (const device of this.devices) {
      device.store.onCommit = ({ inFlight }) => {
        const rows = device.store.allRows().filter(({ node }) => !this.server.losers.has(node));
        const problem = inFlight == null ? null : untickedTouched(rows, inFlight);
        if (problem !== null) this.fail(new Violation('what is not here is left alone elsewhere', problem));
      };
      device.disk.observer = (act) => this.checks.onEngineRemoval(device, act);
    }
    this.server.inspector = (device, entry) => this.checks.inspect(device, entry);
    this.server.onEvent((event, except) => this.#publish(event, except));
  }

  /** Every step begins so: the order of points depends on the step alone. */
  begin(step: Step): void {
    this.scheduler.note(`step ${step.do}`);
    this.wasAtRest = this.#isAtRest;
    if (!['start', 'phase', 'mount'].includes(step.do)) this.#isAtRest = step.do === 'settle';
    this.scheduler.reseed(createSeededRandom(`${step.salt}`));
  }

  /** Carries out one step, then looks at what must hold at any time. Throws Violation. */
  apply(step: OrdinaryStep): void {
    this.begin(step);
    this.#act(step);
    this.#raise();
    if (step.do !== 'run' && step.do !== 'user') this.checks.checkNothingLost();
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

  get territory(): 'free' | 'own' {
    return this.territories.current;
  }

  /** As DeviceActs has it. */
  withoutRules(): boolean {
    return this.#acts.withoutRules();
  }

  /** As DeviceActs has it. */
  mountAll(): boolean {
    return this.#acts.mountAll();
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
        // A script that was shrunk may have lost the rest that the phase begins at.
        if (step.territory === 'free' || this.#isAtRest) this.territories.begin(step.territory, this.devices);
        return;
      case 'lose': {
        const node = this.truth.tree().get(step.path)?.node;
        if (node !== undefined) this.server.lose(node);
        this.checks.noteLoss();
        return;
      }
      case 'server':
        if (step.becomes === 'collected') this.server.collect();
        else if (step.becomes === 'truncated') this.server.truncate();
        else if (step.becomes === 'backed-up') this.server.backUp();
        else if (step.becomes === 'restored') this.server.restore();
        else this.setServer(step.becomes === 'up');
        return;
      default:
        return this.#acts.actOn(device!, step);
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

  watch(promise: Promise<unknown>): void {
    promise.catch((error: unknown) => this.fail(error));
  }

  #raise(): void {
    if (this.#failure === null) return;
    const failure = this.#failure;
    this.#failure = null;
    throw failure instanceof Violation ? failure : new Violation('no failures from outside', failureText(failure));
  }
}

function failureText(failure: unknown): string {
  return failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
}

function replaceBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
