/*
 * Chooses what happens next, looking at the world as it is, and writes it down in concrete paths: what is printed can be read, replayed and
 * shrunk without the generator.
 */
import { IGNORE_FILE } from '../core/ignore.ts';
import { lastName } from '../core/names.ts';
import type { RelPath } from '../core/tree.ts';
import type { SaveStyle } from './disk-user.ts';
import type { CallName, NetworkFault } from './memory-network.ts';
import type { FaultOperation } from './memory-disk.ts';
import type { SeededRandom } from './seeded-random.ts';
import { DISK_CODES, type SimDevice } from './sim-device.ts';
import type { DeviceShape, StepAction, UserAct, WorldShape } from './steps.ts';
import { isInTerritory, territoryOf } from './tree-snapshot.ts';
import type { World } from './world.ts';

/** Few names, so that they meet: case twins, one letter in two normal forms, a byte that is no UTF-8, endings, a conflict's own name. */
const NAMES = ['a', 'b', 'c', 'A', '\u00e9', 'e\u0301', 'n\udc80', 'd.txt', 'b.tar.gz', '.h'] as const;
/** Where some disks are not as Linux has them: what Windows cannot hold, and what is a device of it. */
const ODD_NAMES = [...NAMES, 'q?', 'aux.txt', 'B', 'C'] as const;
/** Where disks of all kinds meet: also an ending that Windows cuts off, and letters that are one by case and by form at once. */
const MIXED_NAMES = [...ODD_NAMES, 'd.', 'D.TXT', '\u00c9'] as const;
const SAVE_STYLES: readonly SaveStyle[] = ['in-place', 'rename-over', 'backup-kept', 'backup-removed', 'remove-create'];
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
const SIZES = [0, 1, 20, 100, 100, 300, 700, 1_500, 3_000] as const;
const MAX_ENTRIES = 60;
const TROUBLES = [
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
}

export function generateShape(
  random: SeededRandom,
  devices: readonly [number, number],
  { system }: Steering = {},
): WorldShape {
  const count = devices[0] + random.int(devices[1] - devices[0] + 1);
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

export interface StepGenerator {
  next(world: World): StepAction;
}

/** Phases of steps, each ended by a settle; the first after every device has started. */
export function createStepGenerator(
  random: SeededRandom,
  stepCount: number,
  { troubles, system }: Steering = {},
): StepGenerator {
  const names = system === undefined ? NAMES : system === 'mixed' ? MIXED_NAMES : ODD_NAMES;
  const queue: StepAction[] = [];
  let contents = 0;
  let made = 0;
  let untilSettle = 0;
  let hasStarted = false;

  const content = () => ++contents;

  function anyPath(device: SimDevice, world: World): RelPath {
    const folders = pathsOf(device, world, 'folder');
    const top = world.territory === 'own' ? territoryOf(device.index) : '';
    const folder = random.chance(0.4) || folders.length === 0 ? top : random.pick(folders);
    const name = random.pick(names);
    return folder === '' ? name : `${folder}/${name}`;
  }

  function userAct(device: SimDevice, world: World): UserAct {
    const files = pathsOf(device, world, 'file');
    const folders = pathsOf(device, world, 'folder');
    const all = [...files, ...folders, ...pathsOf(device, world, 'link')];
    const path = anyPath(device, world);
    const write = (): UserAct => ({
      act: 'write',
      path,
      content: content(),
      size: random.pick(SIZES),
      style: 'in-place',
    });
    if (all.length === 0) return random.chance(0.4) ? { act: 'mkdir', path } : write();
    const file = files.length > 0 ? random.pick(files) : path;
    const one = random.pick(all);
    const roll = random.int(100);
    if (roll < 16) return all.length < MAX_ENTRIES ? write() : { act: 'remove', path: one };
    if (roll < 26) return { act: 'mkdir', path };
    if (roll < 40)
      return {
        act: 'write',
        path: file,
        content: content(),
        size: random.pick(SIZES),
        style: random.pick(SAVE_STYLES),
      };
    if (roll < 46) return { act: random.chance(0.5) ? 'edit' : 'append', path: file, content: content() };
    if (roll < 49) return { act: 'quiet', path: file, content: content() };
    if (roll < 66) return { act: 'rename', path: one, to: path };
    if (roll < 70) return { act: 'rename', path: file, to: random.pick(all) };
    if (roll < 80) return { act: 'remove', path: one };
    if (roll < 83) return { act: 'copy', path: file, to: path };
    if (roll < 86) return { act: 'symlink', path, to: random.pick(['a', '../b', '/outside', `t${content()}`]) };
    if (roll < 89)
      return {
        act: 'chmod',
        path: one,
        mode: folders.includes(one) ? random.pick([0o755, 0o700]) : random.pick([0o644, 0o600, 0o755, 0o444]),
      };
    if (roll < 92)
      return {
        act: 'touch',
        path: file,
        mtimeNs: `${1_600_000_000_123_456_789n + BigInt(random.int(1_000_000_000)) * 1_000_003n}`,
      };
    if (roll < 93) return { act: 'hard-link', path: file, to: path };
    // Where nothing else can come to stand: what it keeps from being synced would differ for ever.
    if (roll < 94 && world.territory === 'free') return { act: 'special', path: random.pick(['fifo', 'socket']) };
    if (roll < 96) return { act: 'writer-open', path: file };
    if (roll < 99) return { act: 'writer-write', content: content(), size: random.pick(SIZES) };
    return { act: 'writer-close' };
  }

  /** Several acts that belong together: swaps, a deletion and a new file under the old name, a folder emptied into another. */
  function compound(device: SimDevice, world: World): StepAction[] {
    const all = [...pathsOf(device, world, 'file'), ...pathsOf(device, world, 'folder')];
    if (all.length < 2) return [];
    const one = random.pick(all);
    const two = random.pick(all);
    const user = (act: UserAct): StepAction => ({ do: 'user', device: device.index, act });
    const pause: StepAction[] = random.chance(0.3) ? [{ do: 'run', points: random.int(30) }] : [];
    const aside = anyPath(device, world) + '.swap';
    switch (random.int(3)) {
      case 0:
        return [
          user({ act: 'rename', path: one, to: aside }),
          ...pause,
          user({ act: 'rename', path: two, to: one }),
          ...pause,
          user({ act: 'rename', path: aside, to: two }),
        ];
      case 1:
        return [
          user({ act: 'remove', path: one }),
          ...pause,
          user(
            random.chance(0.6)
              ? { act: 'write', path: one, content: content(), size: random.pick(SIZES), style: 'in-place' }
              : { act: 'mkdir', path: one },
          ),
        ];
      default:
        return [
          user({ act: 'mkdir', path: aside }),
          user({ act: 'rename', path: one, to: `${aside}/x` }),
          ...pause,
          user({ act: 'rename', path: two, to: `${aside}/y` }),
          user({ act: 'rename', path: aside, to: one }),
        ];
    }
  }

  /** How likely each kind of trouble is in this run. Most runs know few kinds, and those well: swarm testing (Groce et al., ISSTA 2012). */
  const weather =
    troubles === undefined
      ? TROUBLES.map((kind) => ({ kind, weight: random.chance(0.5) ? 0 : 1 + random.int(6) }))
      : troubles.map((kind) => ({ kind, weight: 1 }));
  const troubleShare = troubles === undefined ? random.pick([0.03, 0.15, 0.3]) : 0.3;

  function trouble(world: World): StepAction[] {
    const total = weather.reduce((sum, { weight }) => sum + weight, 0);
    let at = random.int(Math.max(1, total));
    const { kind } = weather.find(({ weight }) => (at -= weight) < 0) ?? weather[0]!;
    const device = random.int(world.devices.length);
    const some = (): StepAction[] => [
      { do: 'run', points: random.pick([30, 100, 300]) },
      { do: 'advance', ms: random.pick([60, 2_500, 2_500]) },
      { do: 'run', points: random.pick([100, 300]) },
    ];
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
        return selectSpell(world.devices[device]!, world, some);
      case 'rules':
        return rulesSpell(world.devices[device]!, world, some);
      case 'writer':
        return writerSpell(world.devices[device]!, world, some);
    }
  }

  /** Entries that cannot be examined, listed or read while the folder is looked at. */
  function blindSpell(device: SimDevice, world: World, some: () => StepAction[]): StepAction[] {
    const paths = pathsOf(device, world, 'any');
    if (paths.length === 0) return [];
    const breaks = Array.from({ length: 1 + random.int(3) }, (): StepAction => {
      const path = random.pick(paths);
      const isFolder = device.disk.find(path)?.inode.kind === 'folder';
      const aspect = random.pick(['stat', isFolder ? 'list' : 'read'] as const);
      return {
        do: 'break',
        device: device.index,
        path,
        aspect,
        code: random.pick(['access-denied', 'disk-error'] as const),
      };
    });
    return [...breaks, { do: 'scan', device: device.index }, ...some(), { do: 'mend', device: device.index }];
  }

  /** Two devices touch one file, the second while the first one's change is on its way. */
  function race(world: World): StepAction[] {
    const [one, two] = [random.pick(world.devices), random.pick(world.devices)];
    const files = pathsOf(one, world, 'file').filter((path) => two.disk.find(path)?.inode.kind === 'file');
    if (files.length === 0) return readRace(one, world);
    const path = random.pick(files);
    const size = random.pick(SIZES);
    const second: UserAct = random.pick([
      { act: 'write', path, content: content(), size: random.pick(SIZES), style: random.pick(SAVE_STYLES) },
      { act: 'quiet', path, content: content() },
      { act: 'append', path, content: content() },
      { act: 'remove', path },
      { act: 'rename', path, to: anyPath(two, world) },
      { act: 'touch', path, mtimeNs: '1600000000000000000' },
    ] as const);
    return [
      {
        do: 'user',
        device: one.index,
        act: random.chance(0.25)
          ? { act: 'remove', path }
          : { act: 'write', path, content: content(), size, style: 'in-place' },
      },
      { do: 'advance', ms: random.pick([60, 400]) },
      { do: 'run', points: random.int(80) },
      { do: 'user', device: two.index, act: second },
      { do: 'run', points: random.int(60) },
    ];
  }

  /** A file is written again while it is being read. */
  function readRace(device: SimDevice, world: World): StepAction[] {
    const files = pathsOf(device, world, 'file');
    const path = files.length > 0 && random.chance(0.5) ? random.pick(files) : anyPath(device, world);
    const user = (act: UserAct): StepAction => ({ do: 'user', device: device.index, act });
    const write = (): UserAct => ({ act: 'write', path, content: content(), size: 3_000, style: 'in-place' });
    const again = (): UserAct => (random.chance(0.5) ? { act: 'quiet', path, content: content() } : write());
    const rounds = Array.from({ length: 3 }, () => [
      user(write()),
      { do: 'advance', ms: 60 } as const,
      { do: 'run', points: random.int(25) } as const,
      user(again()),
      { do: 'run', points: random.int(6) } as const,
    ]);
    return [...rounds.flat(), user({ act: 'append', path, content: content() })];
  }

  /** Folders leave a device and come back while it, and others, go on working. */
  function selectSpell(device: SimDevice, world: World, some: () => StepAction[]): StepAction[] {
    const folders = pathsOf(device, world, 'folder');
    // A device's own folder changes by its user alone.
    if (folders.length === 0 || world.territory === 'own') return [];
    const path = random.pick(folders);
    const select = (becomes: 'ticked' | 'unticked'): StepAction => ({
      do: 'select',
      device: device.index,
      path,
      becomes,
    });
    const crash: StepAction[] = random.chance(0.3)
      ? [
          { do: 'run', points: random.int(60) },
          { do: 'crash', device: device.index, power: random.chance(0.5) },
          { do: 'start', device: device.index },
        ]
      : [];
    const back = random.chance(0.5) ? [...some(), select('ticked')] : [];
    const inside = pathsOf(device, world, 'file').filter((file) => file.startsWith(`${path}/`));
    const edited = inside.length > 0 && random.chance(0.7) ? random.pick(inside) : `${path}/${random.pick(names)}`;
    const edit: StepAction[] = random.chance(0.5)
      ? [
          {
            do: 'user',
            device: device.index,
            act: { act: 'write', path: edited, content: content(), size: random.pick(SIZES), style: 'in-place' },
          },
          { do: 'advance', ms: random.pick([10, 60, 400]) },
          { do: 'run', points: random.int(30) },
        ]
      : [];
    return [...edit, select('unticked'), ...crash, ...(random.chance(0.5) ? some() : []), ...back];
  }

  /** A rule comes over what is synced, and goes again. */
  function rulesSpell(device: SimDevice, world: World, some: () => StepAction[]): StepAction[] {
    if (world.territory === 'own') return [];
    const folders = pathsOf(device, world, 'folder');
    const folder = folders.length === 0 || random.chance(0.5) ? '' : random.pick(folders);
    const rules = (text: string | null): StepAction => ({ do: 'rules', device: device.index, folder, text });
    const text = Array.from({ length: 1 + random.int(2) }, () =>
      random.pick(['a', 'b/', 'c', '*.txt', '!a', 'b/a', '/A', '.h', '*', '!c/']),
    ).join('\n');
    const back = random.chance(0.5) ? [...some(), rules(random.chance(0.6) ? null : 'd.txt')] : [];
    return [rules(text), ...(random.chance(0.6) ? some() : []), ...back];
  }

  /** A program holds a file open while the file is replaced from elsewhere, and goes on writing. */
  function writerSpell(device: SimDevice, world: World, some: () => StepAction[]): StepAction[] {
    const other = random.pick(world.devices);
    const files = pathsOf(device, world, 'file').filter((path) => other.disk.find(path)?.inode.kind === 'file');
    if (files.length === 0) return [];
    const path = random.pick(files);
    const user = (index: number, act: UserAct): StepAction => ({ do: 'user', device: index, act });
    return [
      user(device.index, { act: 'writer-open', path }),
      ...(world.territory === 'own'
        ? []
        : [user(other.index, { act: 'write', path, content: content(), size: 300, style: 'in-place' })]),
      ...some(),
      user(device.index, { act: 'writer-write', content: content(), size: random.pick(SIZES) }),
      ...some(),
    ];
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

  function fresh(world: World): StepAction {
    const down = world.devices.find(({ life }) => life === null);
    if (down !== undefined && random.chance(0.3)) return { do: 'start', device: down.index };
    const device = random.pick(world.devices);
    if (random.chance(troubleShare)) {
      queue.push(...trouble(world));
      return queue.shift() ?? { do: 'run', points: 5 };
    }
    const roll = random.int(83);
    if (roll < 45) return { do: 'user', device: device.index, act: userAct(device, world) };
    if (roll < 50) {
      queue.push(...compound(device, world));
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
    queue.push({ do: 'phase', territory: isOwn ? 'own' : 'free' });
    if (isOwn)
      for (let device = 0; device < 5; device++)
        queue.push({ do: 'user', device, act: { act: 'mkdir', path: territoryOf(device) } });
  }
}

function pathsOf(device: SimDevice, world: World, kind: 'file' | 'folder' | 'link' | 'any'): RelPath[] {
  const top = territoryOf(device.index);
  return (
    device.disk
      .walk()
      .filter(({ found }) => kind === 'any' || found.inode.kind === kind)
      .map(({ path }) => path)
      // Rules files come and go by steps of their own.
      .filter((path) => lastName(path) !== IGNORE_FILE)
      .filter((path) =>
        world.territory === 'own' ? path.startsWith(`${top}/`) : !isInTerritory(path) || path.includes('/'),
      )
  );
}
