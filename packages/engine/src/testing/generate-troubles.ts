import type { CallName, NetworkFault } from './memory-network.ts';
import type { FaultOperation } from './memory-disk.ts';
import type { ActGenerator } from './generate-acts.ts';
import { TROUBLES, type Steering } from './generate-shape.ts';
import { createSpells } from './generate-spells.ts';
import { MOUNT_POINT } from './mounts.ts';
import type { SeededRandom } from './seeded-random.ts';
import { DISK_CODES } from './sim-device.ts';
import type { StepAction } from './steps.ts';
import type { World } from './world.ts';

const FAULT_OPERATIONS: readonly FaultOperation[] = [
  'list',
  'stat',
  'create',
  'move',
  'trash',
  'attributes',
  'discard',
  'flush',
  'read',
  'write',
];
const CALLS: readonly (CallName | 'any')[] = [
  'head',
  'entries',
  'announce',
  'putPack',
  'commit',
  'commit',
  'commit',
  'readBlocks',
  'upload',
  'any',
];
const NET_CODES = [
  'server-error',
  'too-many-requests',
  'session-expired',
  'timed-out',
  'server-full',
  'server-answer-invalid',
] as const;

/** What goes wrong in a run, and how often. */
export interface TroubleGenerator {
  /** Share of the steps that are trouble. */
  readonly share: number;
  trouble(world: World): StepAction[];
}

export function createTroubleGenerator(
  random: SeededRandom,
  acts: ActGenerator,
  { troubles, truncates = false, loses = false, mounts = false }: Steering = {},
): TroubleGenerator {
  const { blindSpell, lossSpell, race, readRace, selectSpell, rulesSpell, writerSpell } = createSpells(random, acts);

  /** How likely each kind of trouble is in this run. Most runs know few kinds, and those well: swarm testing (Groce et al., ISSTA 2012). */
  const weather =
    troubles === undefined
      ? TROUBLES.map((kind) => ({ kind, weight: random.chance(0.5) ? 0 : 1 + random.int(6) }))
      : troubles.map((kind) => ({ kind, weight: 1 }));
  const share = troubles === undefined ? random.pick([0.03, 0.15, 0.3]) : 0.3;

  let away: number | null = null;

  /** Somebody goes away; much later the journal is cut, and they come back. */
  function absence(world: World): StepAction[] {
    if (away === null) {
      away = random.int(world.devices.length);
      return [{ do: random.chance(0.8) ? 'cut' : 'stop', device: away }];
    }
    const device = away;
    away = null;
    return [
      { do: 'server', becomes: 'truncated' },
      { do: 'start', device },
      { do: 'heal', device },
    ];
  }

  const some = (): StepAction[] => [
    { do: 'run', points: random.pick([30, 100, 300]) },
    { do: 'advance', ms: random.pick([60, 2_500, 2_500]) },
    { do: 'run', points: random.pick([100, 300]) },
  ];

  /** Of a file that somebody can send again. */
  function loss({ devices }: World): StepAction[] {
    const files = random
      .pick(devices)
      .disk.walk()
      .filter(({ found }) => found.inode.kind === 'file' && found.inode.data.length > 0);
    return files.length === 0 ? [] : [{ do: 'lose', path: random.pick(files).path }];
  }

  /** A disk goes, or comes back; what happens meanwhile is looked at, or not. */
  function disk({ devices }: World): StepAction[] {
    const withDisks = devices.filter(({ disk: its }) => its.hasVolumes());
    if (withDisks.length === 0) return [];
    const { index: device, disk: its } = random.pick(withDisks);
    const look: StepAction[] = random.chance(0.5) ? [{ do: 'scan', device }, ...some()] : [];
    if (its.isMountPoint(MOUNT_POINT)) return [{ do: 'unmount', device, path: MOUNT_POINT }, ...look];
    const isRenumbered = random.chance(0.5);
    return [{ do: 'mount', device, path: MOUNT_POINT, ...(isRenumbered ? { isRenumbered } : {}) }, ...look];
  }

  function trouble(world: World): StepAction[] {
    if (mounts && random.chance(0.4)) return disk(world);
    if (truncates && random.chance(0.4)) return absence(world);
    if (loses && random.chance(0.4)) return random.chance(0.25) ? lossSpell(world) : loss(world);
    const total = weather.reduce((sum, { weight }) => sum + weight, 0);
    let at = random.int(Math.max(1, total));
    const { kind } = weather.find(({ weight }) => (at -= weight) < 0) ?? weather[0]!;
    const device = random.int(world.devices.length);
    switch (kind) {
      case 'net':
        return [{ do: 'net-fault', device, fault: networkFault() }];
      case 'disk':
        return [
          {
            do: 'disk-fault',
            device,
            operation: random.pick(FAULT_OPERATIONS),
            code: random.pick(DISK_CODES),
            count: 1 + random.int(3),
          },
        ];
      case 'crash':
        return [
          { do: 'run', points: random.int(60) },
          { do: 'crash', device, power: false },
        ];
      case 'power':
        return [
          { do: 'run', points: random.int(60) },
          { do: 'crash', device, power: true },
        ];
      case 'cut':
        return [{ do: random.chance(0.5) ? 'cut' : 'heal', device }];
      case 'server':
        return [{ do: 'server', becomes: random.pick(['down', 'up', 'collected', 'collected'] as const) }];
      case 'watcher':
        return [{ do: 'watcher', device, becomes: random.pick(['deaf', 'hearing', 'overflowing'] as const) }];
      case 'clock':
        return [{ do: 'jump-clock', device, ms: random.pick([-86_400_000, -5_000, 5_000, 3_600_000]) }];
      case 'blind':
        return blindSpell(world.devices[device]!, world, some);
      case 'root':
        return [
          { do: 'root', device, becomes: random.pick(['missing', 'replaced'] as const) },
          { do: 'scan', device },
          ...some(),
          { do: 'root', device, becomes: 'back' },
        ];
      case 'life':
        return [{ do: random.pick(['scan', 'pause', 'resume', 'stop', 'sleep'] as const), device }];
      case 'full':
        return [{ do: random.chance(0.5) ? 'fill-disk' : 'empty-disk', device }];
      case 'state':
        // An old state is told of deletes and moves as if they were new: nothing exact can be asked of it.
        if (world.territory === 'own') return [];
        return [{ do: random.chance(0.5) ? 'back-up' : 'restore', device }];
      case 'race':
        return world.territory === 'own' ? readRace(world.devices[device]!, world) : race(world);
      case 'select':
        // An edit of a file that is not to be here is not sent: what it replaced may have been the last there was of what the server lost.
        if (loses) return [];
        return selectSpell(world.devices[device]!, world, some);
      case 'rules':
        return rulesSpell(world.devices[device]!, world, some);
      case 'writer':
        return writerSpell(world.devices[device]!, world, some);
    }
  }

  function networkFault(): NetworkFault {
    const call = random.pick(CALLS);
    switch (random.int(6)) {
      case 0:
        return { kind: 'drop-request', call };
      case 1:
        return { kind: 'drop-answer', call };
      case 2:
        return { kind: 'duplicate', call };
      case 3:
        return { kind: 'delay', call, delayMs: random.pick([10, 500, 5_000]) };
      case 4:
        return { kind: 'late', call, delayMs: random.pick([10, 1_000, 60_000]) };
      default:
        return { kind: 'code', call, code: random.pick(NET_CODES) };
    }
  }

  return { share, trouble };
}
