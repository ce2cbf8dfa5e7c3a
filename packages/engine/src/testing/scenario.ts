/* Short, exact stories of a few devices, for tests of one rule each, told in the same world as the simulation. */
import type { RelPath } from '../core/tree.ts';
import { contentBytes } from './content-ledger.ts';
import type { EngineFactory } from './engine-seam.ts';
import { atBottom } from './scheduler.ts';
import { settle } from './settle.ts';
import type { Surroundings } from './sim-device.ts';
import type { DeviceShape, StepAction, UserAct } from './steps.ts';
import { World } from './world.ts';

const SHAPE: DeviceShape = { journal: 'strict', tickNs: 1_000_000, keptNs: 1, skewMs: 0, eventLoss: 0 };

export interface Scenario {
  readonly world: World;
  /** One device's user does these, one after the other. */
  act(device: number, ...acts: readonly UserAct[]): Promise<void>;
  write(device: number, path: RelPath, content: number, size?: number): Promise<void>;
  step(action: StepAction): Promise<void>;
  /** Lets the world go on for so many milliseconds of its time. */
  run(durationMs: number): Promise<void>;
  /** Brings everything to rest; everything that must hold there is checked. */
  settle(): Promise<void>;
  /** Both sides act without hearing of each other, then meet. */
  apart(...acts: readonly (() => Promise<void>)[]): Promise<void>;
  /** What one device shows: content numbers of files, `/` for folders, `-> target` for links. */
  shows(device?: number): Readonly<Record<RelPath, number | string>>;
}

/** A world of `devices` that have met; `shape` (of all, or of each) differs from the ordinary where given, `wrapPorts` may come between engine and ports. */
export async function tell(
  createEngine: EngineFactory,
  devices: number,
  shape: Partial<DeviceShape> | readonly Partial<DeviceShape>[] = {},
  record = false,
  wrapPorts?: Surroundings['wrapPorts'],
): Promise<Scenario> {
  const world = new World({
    seed: 'scenario',
    record,
    createEngine,
    ...(wrapPorts === undefined ? {} : { wrapPorts }),
    shape: {
      devices: Array.from({ length: devices }, (_, i) => ({ ...SHAPE, ...('length' in shape ? shape[i] : shape) })),
    },
  });
  let salt = 0;
  const sizes = new Map<number, number>();

  async function step(action: StepAction): Promise<void> {
    const whole = { ...action, salt: ++salt };
    return atBottom(() => {
      if (whole.do !== 'settle') return world.apply(whole);
      world.begin(whole);
      return settle(world);
    });
  }

  async function act(device: number, ...acts: readonly UserAct[]): Promise<void> {
    for (const one of acts) {
      const before = world.mutations;
      await step({ do: 'user', device, act: one });
      if (world.mutations === before) throw new Error(`the system refused ${JSON.stringify(one)}`);
    }
  }

  function run(durationMs: number): Promise<void> {
    return atBottom(() => world.runFor(durationMs));
  }

  const scenario: Scenario = {
    world,
    act,
    async write(device, path, content, size = 100) {
      sizes.set(content, size);
      await act(device, { act: 'write', path, content, size, style: 'in-place' });
    },
    step,
    run,
    settle: () => step({ do: 'settle' }),
    async apart(...acts) {
      for (const { index } of world.devices) await step({ do: 'cut', device: index });
      for (const one of acts) await one();
      await run(20_000);
      for (const { index } of world.devices) await step({ do: 'heal', device: index });
      await step({ do: 'settle' });
    },
    shows(device = 0) {
      const shown: Record<RelPath, number | string> = {};
      for (const { path, found } of world.devices[device]!.disk.walk()) {
        const { kind, data, target } = found.inode;
        shown[path] = kind === 'folder' ? '/' : kind === 'link' ? `-> ${target}` : contentOf(data);
      }
      return shown;
    },
  };

  function contentOf(data: Uint8Array): number | string {
    for (const [content, size] of sizes) if (Buffer.from(contentBytes(content, size)).equals(data)) return content;
    return `${data.length} bytes`;
  }

  for (const { index } of world.devices) await step({ do: 'start', device: index });
  await step({ do: 'settle' });
  return scenario;
}
