import { pathsOf, SAVE_STYLES, SIZES, type ActGenerator } from './generate-acts.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimDevice } from './sim-device.ts';
import type { StepAction, UserAct } from './steps.ts';
import type { World } from './world.ts';

/** Troubles that take several steps: what they meet has to be there, and is looked at while it lasts. */
export function createSpells(random: SeededRandom, { names, content, anyPath }: ActGenerator) {
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

  /**
   * What one device wrote while the others were away is lost on the server, and that one goes before it hears of it. The others wait for it for longer than
   * whoever had it would take to send it, and make something else of the file meanwhile.
   */
  function lossSpell(world: World): StepAction[] {
    if (world.territory === 'own') return [];
    const holder = random.pick(world.devices);
    const others = world.devices.filter(({ index }) => index !== holder.index);
    const files = pathsOf(holder, world, 'file');
    const path = files.length > 0 && random.chance(0.8) ? random.pick(files) : anyPath(holder, world);
    const user = (device: number, act: UserAct): StepAction => ({ do: 'user', device, act });
    const write = (): UserAct => ({
      act: 'write',
      path,
      content: content(),
      size: random.pick(SIZES),
      style: random.pick(SAVE_STYLES),
    });
    const pass = (ms: number): StepAction[] => [
      { do: 'advance', ms },
      { do: 'run', points: 300 },
    ];
    const minutes = (count: number): StepAction[] => Array.from({ length: count }, () => pass(60_000)).flat();
    const made = (): StepAction[] => {
      const { index, disk } = random.pick(others);
      const above = path.slice(0, Math.max(0, path.lastIndexOf('/')));
      const folder = disk.find(above)?.inode.kind === 'folder' && above !== '' ? above : path;
      const act = random.pick<UserAct>([
        write(),
        write(),
        { act: 'remove', path },
        { act: 'remove', path: folder },
        { act: 'rename', path, to: anyPath(holder, world) },
        { act: 'rename', path: folder, to: random.pick(names) },
        { act: 'quiet', path, content: content() },
      ]);
      const crash: StepAction[] = [
        { do: 'run', points: random.int(60) },
        { do: 'crash', device: index, power: random.chance(0.5) },
        { do: 'start', device: index },
      ];
      return [user(index, act), ...pass(2_500), ...(random.chance(0.2) ? crash : []), ...pass(2_500)];
    };
    return [
      ...others.map(({ index }): StepAction => ({ do: 'cut', device: index })),
      user(holder.index, write()),
      ...pass(2_500),
      ...pass(2_500),
      { do: random.chance(0.5) ? 'cut' : 'stop', device: holder.index },
      { do: 'lose', path },
      ...(random.chance(0.3) ? made() : []),
      ...others.map(({ index }): StepAction => ({ do: 'heal', device: index })),
      ...minutes(8),
      ...made(),
      ...(random.chance(0.4) ? made() : []),
      ...(random.chance(0.2) ? [{ do: 'server', becomes: 'truncated' } as const] : []),
      ...(random.chance(0.5) ? minutes(2) : []),
      { do: 'start', device: holder.index },
      { do: 'heal', device: holder.index },
    ];
  }

  return { blindSpell, lossSpell, race, readRace, selectSpell, rulesSpell, writerSpell };
}
