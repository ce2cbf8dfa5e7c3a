import { OnefoldError, type DeviceId, type ErrorCode } from '@onefold/protocol';
import type { RelPath } from '../core/tree.ts';
import type { Log, Ports, Power } from '../ports.ts';
import type { ContentKey } from './content-ledger.ts';
import type { EngineFactory, SimEngine } from './engine-seam.ts';
import { createDiskFileSystem, type Touched } from './disk-file-system.ts';
import { createDiskUser, type DiskUser, type Writer } from './disk-user.ts';
import { memoryEpoch, type AccountDevice, type MemoryAccount } from './memory-account.ts';
import { createMemoryBlocks } from './memory-blocks.ts';
import { MemoryDisk } from './memory-disk.ts';
import { createMemoryLink, type LinkConditions, type MemoryLink } from './memory-network.ts';
import { createMemorySealing } from './memory-sealing.ts';
import type { MemoryServer } from './memory-server-calls.ts';
import { MemoryStore } from './memory-store.ts';
import { createMemoryWatcher, type WatcherFaults } from './memory-watcher.ts';
import {
  createDeviceClock,
  WORLD_EPOCH_MS,
  type ClockSkew,
  type Gate,
  type Lane,
  type Scheduler,
} from './scheduler.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { DeviceShape } from './steps.ts';

/** Share of lives in which reads of the store are no gate points: most of what an engine waits for, and nothing comes of them. */
const STORE_READS_AT_ONCE = 0.75;

/** What a planted bug may reach for besides the ports. */
export interface LifeParts {
  readonly disk: MemoryDisk;
  readonly gate: Gate;
  readonly touched: Touched;
  readonly store: MemoryStore;
}

/** What a device shares with the rest of the world. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly account: MemoryAccount;
  readonly server: MemoryServer;
  readonly serverLane: () => Lane;
  readonly isServerUp: () => boolean;
  readonly random: SeededRandom;
  readonly createEngine: EngineFactory;
  /** Wraps the ports of each life: where bugs are planted. */
  readonly wrapPorts: (ports: Ports, life: LifeParts) => Ports;
  readonly onFault: (label: string) => void;
  readonly onCall: (name: string) => void;
  readonly onLog: (
    device: number,
    level: string,
    event: string,
    fields: Readonly<Record<string, unknown>> | undefined,
  ) => void;
}

/** One run of the engine, from start to stop or crash. */
interface Life {
  readonly lane: Lane;
  readonly engine: SimEngine;
  readonly link: MemoryLink;
  readonly resumeListeners: Set<() => void>;
}

/** One device: what outlives its engines, and the engine that lives just now. */
export class SimDevice {
  readonly index: number;
  readonly identity: AccountDevice;
  readonly shape: DeviceShape;
  readonly disk: MemoryDisk;
  readonly user: DiskUser;
  readonly store = new MemoryStore();
  readonly skew: ClockSkew;
  readonly conditions: LinkConditions;
  readonly watcherFaults: WatcherFaults = { isDeaf: false, overflowNext: false };
  readonly #surroundings: Surroundings;
  writer: Writer | null = null;
  backup: unknown = null;
  /** Inodes that its users moved or copied since the last rest. */
  readonly moved = new Set<number>();
  /** Paths that its users emptied since the last rest; with what they moved away from there. */
  readonly vacated = new Map<RelPath, ContentKey | null>();
  life: Life | null = null;
  #lives = 0;

  constructor(index: number, shape: DeviceShape, surroundings: Surroundings) {
    this.index = index;
    this.shape = shape;
    this.identity = surroundings.account.devices[index]!;
    this.skew = { ms: shape.skewMs };
    this.conditions = { isCut: false, faults: [], eventLoss: shape.eventLoss };
    this.#surroundings = surroundings;
    this.disk = new MemoryDisk({
      nowNs: () =>
        BigInt(Math.floor((WORLD_EPOCH_MS + surroundings.scheduler.timeMs() + this.skew.ms) * 1_000)) * 1_000n,
      tickNs: BigInt(shape.tickNs),
      keptNs: BigInt(shape.keptNs),
      journal: shape.journal,
      names: { system: shape.system ?? 'linux', isCaseSensitive: (shape.system ?? 'linux') === 'linux' },
    });
    this.disk.adopt();
    this.user = createDiskUser(this.disk);
  }

  get deviceId(): DeviceId {
    return this.identity.device;
  }

  /** Begins a life. The promise is the engine's own start. */
  start(): Promise<void> {
    if (this.life !== null) return Promise.resolve();
    const { scheduler } = this.#surroundings;
    const lane = scheduler.openLane(`${this.index}.${++this.#lives}`);
    const resumeListeners = new Set<() => void>();
    const { ports, link, parts } = this.#createPorts(lane, resumeListeners);
    const engine = this.#surroundings.createEngine(this.#surroundings.wrapPorts(ports, parts), {
      name: this.identity.name,
      namespaceId: this.#surroundings.server.head().namespaceId,
    });
    this.life = { lane, engine, link, resumeListeners };
    return engine.start();
  }

  /** The process is gone, whatever it was doing. */
  die(): void {
    if (this.life === null) return;
    this.#surroundings.scheduler.cut(this.life.lane);
    this.disk.onChange = null;
    this.life = null;
  }

  #createPorts(
    lane: Lane,
    resumeListeners: Set<() => void>,
  ): { readonly ports: Ports; readonly link: MemoryLink; readonly parts: LifeParts } {
    const { scheduler, account, server, random } = this.#surroundings;
    const gate = scheduler.gate(lane);
    const touched: Touched = new Map();
    const chance = random.fork(`events ${lane.name}`);
    const link = createMemoryLink({
      scheduler,
      lane,
      gate,
      server,
      serverLane: this.#surroundings.serverLane,
      calls: server.callsOf(this.deviceId),
      isServerUp: this.#surroundings.isServerUp,
      conditions: this.conditions,
      chance: (p) => chance.chance(p),
      onFault: this.#surroundings.onFault,
      onCall: this.#surroundings.onCall,
    });
    const log: Log = { write: (level, event, fields) => this.#surroundings.onLog(this.index, level, event, fields) };
    const power: Power = {
      onResume(listener) {
        resumeListeners.add(listener);
        return () => resumeListeners.delete(listener);
      },
    };
    return {
      link,
      parts: { disk: this.disk, gate, touched, store: this.store },
      ports: {
        clock: createDeviceClock(scheduler, lane, this.skew),
        random: random.fork(`engine ${lane.name}`),
        log,
        power,
        files: createDiskFileSystem(this.disk, gate, touched),
        watcher: createMemoryWatcher(this.disk, gate, this.watcherFaults),
        blocks: createMemoryBlocks(this.disk, gate, touched, undefined, this.#lives * 16 + this.index),
        sealing: createMemorySealing({ device: this.deviceId, user: account.user, sign: this.identity.sign }),
        keys: {
          async chain(user) {
            await gate('chain');
            if (user !== account.user) throw new OnefoldError('not-found', 'no such user');
            return account.chain;
          },
          openEpoch: () => Promise.resolve(),
          nextEpoch: (epoch, members) => Promise.resolve(memoryEpoch(epoch, members)),
          deviceName: (device) => account.devices.find((one) => one.device === device)?.name ?? null,
        },
        remote: link.remote,
        store: this.store.attach(gate, random.fork(`store ${lane.name}`).chance(STORE_READS_AT_ONCE)),
      },
    };
  }
}

/** Error codes a device may meet on its disk. */
export const DISK_CODES = [
  'disk-full',
  'disk-error',
  'access-denied',
  'file-busy',
  'too-many-open-files',
  'read-only',
] as const satisfies readonly ErrorCode[];
