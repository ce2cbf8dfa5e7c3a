import type { SeededRandom } from './seeded-random.ts';
import type { DeviceShape, WorldShape } from './steps.ts';

export const TROUBLES = [
  'net',
  'disk',
  'crash',
  'power',
  'cut',
  'server',
  'watcher',
  'clock',
  'blind',
  'root',
  'life',
  'full',
  'state',
  'race',
  'writer',
  'select',
  'rules',
] as const;

export type Trouble = (typeof TROUBLES)[number];

/** Where a run is led, so that what is looked for is met by few seeds. */
export interface Steering {
  /** These and no others, and often. */
  readonly troubles?: readonly Trouble[];
  /** Whose manners with names the disks of odd devices have; `mixed`: each device's, by seed, and those of more than Linux in any case. */
  readonly system?: 'windows' | 'mac' | 'mixed';
  /** The server cuts its journal now and then, at once: whoever was away goes on from a checkpoint. */
  readonly truncates?: boolean;
  /** The server loses blocks now and then, of files that stand on a disk. */
  readonly loses?: boolean;
  /** Disks are mounted inside the root here and there, taken away and brought back. */
  readonly mounts?: boolean;
}

/** From the least to the most, each further one half as often: most of what goes wrong takes two or three devices, and each costs its share of the run. */
function drawCount(random: SeededRandom, [least, most]: readonly [number, number]): number {
  const shares = Array.from({ length: most - least + 1 }, (_, further) => 0.5 ** further);
  let at = random.fraction() * shares.reduce((sum, share) => sum + share, 0);
  const further = shares.findIndex((share) => (at -= share) < 0);
  return least + Math.max(0, further);
}

/** `devices`: the least and the most. */
export function generateShape(
  random: SeededRandom,
  devices: readonly [number, number],
  { system }: Steering = {},
): WorldShape {
  const count = drawCount(random, devices);
  const systems = drawSystems(random, count, system);
  return {
    devices: Array.from({ length: count }, (_, index): DeviceShape => {
      const isCoarse = random.chance(0.15);
      return {
        journal: random.chance(0.5) ? 'ordered' : 'strict',
        tickNs: isCoarse ? random.pick([1_000_000_000, 2_000_000_000]) : random.pick([1, 1_000_000, 4_000_000]),
        keptNs: isCoarse ? random.pick([1_000_000_000, 2_000_000_000]) : 1,
        skewMs: random.chance(0.3) ? random.int(7_200_000) - 3_600_000 : 0,
        eventLoss: random.chance(0.2) ? 0.3 : 0,
        ...systems[index],
      };
    }),
  };
}

/** Drawn apart from all else: a seed's world has the same disks and clocks with them and without. */
function drawSystems(
  random: SeededRandom,
  count: number,
  system: Steering['system'],
): readonly Pick<DeviceShape, 'system'>[] {
  const chance = random.fork('systems');
  const other = chance.int(count);
  return Array.from({ length: count }, (_, index) => {
    if (system === undefined) return {};
    if (system !== 'mixed') return index % 2 === 0 ? {} : { system };
    return { system: index === other ? chance.pick(['windows', 'mac']) : chance.pick(['linux', 'windows', 'mac']) };
  });
}
