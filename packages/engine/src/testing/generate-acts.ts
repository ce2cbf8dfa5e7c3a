import { IGNORE_FILE } from '../core/ignore.ts';
import { lastName } from '../core/names.ts';
import type { RelPath } from '../core/tree.ts';
import type { SaveStyle } from './disk-user.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimDevice } from './sim-device.ts';
import type { StepAction, UserAct } from './steps.ts';
import { isInTerritory, territoryOf } from './tree-snapshot.ts';
import type { World } from './world.ts';

export const SAVE_STYLES: readonly SaveStyle[] = [
  'in-place',
  'rename-over',
  'backup-kept',
  'backup-removed',
  'remove-create',
];
export const SIZES = [0, 1, 20, 100, 100, 300, 700, 1_500, 3_000] as const;
const MAX_ENTRIES = 60;

/** What users do: names, contents and single acts, drawn for the disk as it is. */
export interface ActGenerator {
  readonly names: readonly string[];
  /** A content that was never written before. */
  readonly content: () => number;
  readonly anyPath: (device: SimDevice, world: World) => RelPath;
  userAct(device: SimDevice, world: World): UserAct;
  compound(device: SimDevice, world: World): StepAction[];
}

export function createActGenerator(random: SeededRandom, names: readonly string[]): ActGenerator {
  let contents = 0;

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

  return { names, content, anyPath, userAct, compound };
}

export function pathsOf(device: SimDevice, world: World, kind: 'file' | 'folder' | 'link' | 'any'): RelPath[] {
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
