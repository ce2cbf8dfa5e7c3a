/*
 * Chooses what happens next, looking at the world as it is, and writes it down in concrete paths: what is printed can be read, replayed and
 * shrunk without the generator.
 */
import { createActGenerator } from './generate-acts.ts';
import type { Steering } from './generate-shape.ts';
import { createTroubleGenerator } from './generate-troubles.ts';
import { MOUNT_POINT } from './mounts.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { StepAction } from './steps.ts';
import { territoryOf } from './tree-snapshot.ts';
import type { World } from './world.ts';

/** Few names, so that they meet: case twins, one letter in two normal forms, a byte that is no UTF-8, endings, a conflict's own name. */
const NAMES = ['a', 'b', 'c', 'A', '\u00e9', 'e\u0301', 'n\udc80', 'd.txt', 'b.tar.gz', '.h'] as const;
/** Where some disks are not as Linux has them: what Windows cannot hold, and what is a device of it. */
const ODD_NAMES = [...NAMES, 'q?', 'aux.txt', 'B', 'C'] as const;
/** Where disks of all kinds meet: also an ending that Windows cuts off, and letters that are one by case and by form at once. */
const MIXED_NAMES = [...ODD_NAMES, 'd.', 'D.TXT', '\u00c9'] as const;

export interface StepGenerator {
  next(world: World): StepAction;
}

/** Phases of steps, each ended by a settle; the first after every device has started. */
export function createStepGenerator(random: SeededRandom, stepCount: number, steering: Steering = {}): StepGenerator {
  const { system } = steering;
  const acts = createActGenerator(random, system === undefined ? NAMES : system === 'mixed' ? MIXED_NAMES : ODD_NAMES);
  const troubles = createTroubleGenerator(random, acts, steering);
  const queue: StepAction[] = [];
  let made = 0;
  let untilSettle = 0;
  let hasStarted = false;

  function fresh(world: World): StepAction {
    const down = world.devices.find(({ life }) => life === null);
    if (down !== undefined && random.chance(0.3)) return { do: 'start', device: down.index };
    const device = random.pick(world.devices);
    if (random.chance(troubles.share)) {
      queue.push(...troubles.trouble(world));
      return queue.shift() ?? { do: 'run', points: 5 };
    }
    const roll = random.int(83);
    if (roll < 45) return { do: 'user', device: device.index, act: acts.userAct(device, world) };
    if (roll < 50) {
      queue.push(...acts.compound(device, world));
      return queue.shift() ?? { do: 'run', points: 5 };
    }
    if (roll < 75) return { do: 'run', points: random.pick([3, 10, 30, 100, 300]) };
    return { do: 'advance', ms: random.pick([10, 60, 400, 2_500, 31_000]) };
  }

  return {
    next(world) {
      if (!hasStarted) {
        hasStarted = true;
        world.devices.forEach(({ index }) => queue.push({ do: 'start', device: index }));
        beginPhase();
      }
      const queued = queue.shift();
      if (queued !== undefined) return queued;
      made++;
      if (--untilSettle > 0 && made < stepCount) return fresh(world);
      beginPhase();
      return { do: 'settle' };
    },
  };

  function beginPhase(): void {
    untilSettle = Math.min(10 + random.int(40), Math.max(2, stepCount - made));
    const isOwn = random.chance(0.4);
    const isMounting = steering.mounts === true && random.chance(0.8);
    queue.push({ do: 'phase', territory: isOwn ? 'own' : 'free' });
    if (isOwn)
      for (let device = 0; device < 5; device++)
        queue.push({ do: 'user', device, act: { act: 'mkdir', path: territoryOf(device) } });
    else if (isMounting) queue.push({ do: 'mount', device: random.int(2), path: MOUNT_POINT });
  }
}
