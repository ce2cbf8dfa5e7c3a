import type { Coverage } from './coverage.ts';
import type { EngineFactory } from './engine-seam.ts';
import { generateShape, type Steering } from './generate-shape.ts';
import { createStepGenerator } from './generate-steps.ts';
import { atBottom } from './scheduler.ts';
import type { Story } from './planted-bug.ts';
import { createSeededRandom } from './seeded-random.ts';
import { settle } from './settle.ts';
import type { Surroundings } from './sim-device.ts';
import type { Script, Step, StepAction } from './steps.ts';
import { Violation } from './violation.ts';
import { World } from './world.ts';

export interface SimulationOptions {
  readonly createEngine: EngineFactory;
  /** Least and most devices. */
  readonly devices: readonly [number, number];
  readonly steps: number;
  readonly steering?: Steering;
  readonly wrapPorts?: Surroundings['wrapPorts'];
}

export type ReplayOptions = Pick<SimulationOptions, 'createEngine' | 'wrapPorts'> & { readonly record?: boolean };

export interface Outcome {
  readonly script: Script;
  readonly violation: Violation | null;
  /** Digest of everything that happened, in order. */
  readonly trace: string;
  readonly points: number;
  readonly coverage: Coverage;
  readonly labels: readonly string[];
}

/** Makes up and carries out the run of one seed. */
export function runSeed(seed: string, options: SimulationOptions): Promise<Outcome> {
  return atBottom(() => runSeedNow(seed, options));
}

function runSeedNow(seed: string, options: SimulationOptions): Outcome {
  const random = createSeededRandom(`run ${seed}`);
  const shape = generateShape(random.fork('shape'), options.devices, options.steering);
  const generator = createStepGenerator(random.fork('steps'), options.steps, options.steering);
  const salts = random.fork('salts');
  const steps: Step[] = [];
  const world = new World({ seed, shape, ...options });
  let hasSettled = false;
  const violation = guarded(() => {
    while (!(hasSettled && steps.length > options.steps)) {
      const step: Step = { ...generator.next(world), salt: salts.int(2 ** 31) };
      if ('device' in step && step.device >= world.devices.length) continue;
      steps.push(step);
      applyStep(world, step);
      hasSettled = step.do === 'settle';
    }
  });
  return outcomeOf(world, { seed, world: shape, steps }, violation);
}

/** Tells a story of two devices as the seed has it. */
export function runStory(seed: string, story: Story, options: ReplayOptions): Promise<Outcome> {
  const random = createSeededRandom(`story ${seed}`);
  const actions: StepAction[] = [
    { do: 'start', device: 0 },
    { do: 'start', device: 1 },
    { do: 'settle' },
    ...story(random.fork('steps')),
  ];
  const steps = actions.map((action): Step => ({ ...action, salt: random.int(2 ** 31) }));
  return replay({ seed, world: generateShape(random.fork('shape'), [2, 2]), steps }, options);
}

/** Carries out a script as it stands. */
export function replay(script: Script, options: ReplayOptions): Promise<Outcome> {
  return atBottom(() => replayNow(script, options));
}

function replayNow(script: Script, options: ReplayOptions): Outcome {
  const world = new World({ seed: script.seed, shape: script.world, ...options });
  const violation = guarded(() => {
    for (const step of script.steps) applyStep(world, step);
  });
  return outcomeOf(world, script, violation);
}

function applyStep(world: World, step: Step): void {
  if (step.do !== 'settle') return world.apply(step);
  world.begin(step);
  return settle(world);
}

function outcomeOf(world: World, script: Script, violation: Violation | null): Outcome {
  for (const { disk } of world.devices)
    for (const [label, times] of disk.faultsHit) world.coverage.count('fault', `disk ${label}`, times);
  for (const [label, times] of world.server.outcomes) world.coverage.count('server', label, times);
  return {
    script,
    violation,
    trace: world.scheduler.trace(),
    points: world.scheduler.pointsPassed(),
    coverage: world.coverage,
    labels: world.scheduler.recorded(),
  };
}

/** The violation that ends `body`, if any. A rejection that an engine leaves unhandled counts as one. */
function guarded(body: () => void): Violation | null {
  let stray: unknown;
  const onStray = (reason: unknown) => {
    stray ??= reason;
  };
  process.on('unhandledRejection', onStray);
  try {
    body();
    if (stray !== undefined) return new Violation('no unhandled rejections', textOf(stray));
    return null;
  } catch (error) {
    if (error instanceof Violation) return error;
    throw error;
  } finally {
    process.off('unhandledRejection', onStray);
  }
}

function textOf(reason: unknown): string {
  return reason instanceof Error ? (reason.stack ?? reason.message) : JSON.stringify(reason);
}

/**
 * Leaves out steps as long as the same promise stays broken: halves, quarters, ... single steps, then numbers made smaller. At most
 * `attempts` replays.
 */
export async function shrink(outcome: Outcome, options: ReplayOptions, attempts = 400): Promise<Outcome> {
  let best = outcome;
  let left = attempts;
  const tryScript = async (steps: readonly Step[]): Promise<boolean> => {
    if (left-- <= 0) return false;
    const candidate = await replay({ ...best.script, steps }, options);
    if (candidate.violation?.promise !== outcome.violation?.promise) return false;
    best = candidate;
    return true;
  };
  for (let size = Math.ceil(best.script.steps.length / 2); size >= 1 && left > 0;) {
    let hasShrunk = false;
    for (let start = 0; start < best.script.steps.length && left > 0;) {
      const steps = best.script.steps.filter((_, i) => i < start || i >= start + size);
      if (await tryScript(steps)) hasShrunk = true;
      else start += size;
    }
    if (size === 1 && !hasShrunk) break;
    size = hasShrunk ? size : Math.max(1, Math.floor(size / 2));
  }
  return best;
}
