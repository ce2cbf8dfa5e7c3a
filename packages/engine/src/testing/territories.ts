import type { SimDevice } from './sim-device.ts';
import type { UserAct } from './steps.ts';
import { snapshotOf, territoryOf } from './tree-snapshot.ts';
import { Violation } from './violation.ts';

/** Who may write where: `free`, or each device in its own folder only, which is then as its user left it at any time. */
export class Territories {
  current: 'free' | 'own' = 'free';
  /** What each device's folder must look like, on its own disk. */
  readonly #own = new Map<number, string>();
  /** Everything outside these folders, as it was at the phase's beginning. */
  shared: string | null = null;

  begin(territory: 'free' | 'own', devices: readonly SimDevice[]): void {
    this.current = territory;
    this.#own.clear();
    if (territory === 'free') return;
    for (const device of devices) this.#own.set(device.index, snapshotOf(device.disk, territoryOf(device.index)));
    this.shared = snapshotOf(devices[0]!.disk, null);
  }

  /** What a user did in the own folder is how it has to stay. */
  record({ index, disk }: SimDevice): void {
    if (this.current === 'own') this.#own.set(index, snapshotOf(disk, territoryOf(index)));
  }

  /** A script that was shrunk may have lost what led a user into another's territory. */
  isAllowed({ index, disk }: SimDevice, act: UserAct): boolean {
    if (this.current === 'free' || !('path' in act)) return true;
    const isOwn = (path: string): boolean => isWithin(path, territoryOf(index));
    const ends =
      act.act === 'rename' || act.act === 'copy' || act.act === 'hard-link' ? [act.path, act.to] : [act.path];
    if (!ends.every(isOwn)) return false;
    // What is done to a file of several names is done to all of them, wherever they are.
    const inode = disk.find(act.path)?.inode;
    if (inode?.kind !== 'file' || inode.linkCount === 1) return true;
    return disk.walk().every(({ path, found }) => found.inode !== inode || isOwn(path));
  }

  /** In phase `own` nobody but the user changes what is in the device's own folder. */
  check(device: SimDevice): void {
    const expected = this.#own.get(device.index);
    if (this.current !== 'own' || expected === undefined || device.disk.rootProblem() !== null) return;
    const found = snapshotOf(device.disk, territoryOf(device.index));
    if (found !== expected) {
      throw new Violation(
        'what only one writes stays as written',
        `on ${device.index}:\nexpected\n${expected}\nfound\n${found}`,
      );
    }
  }
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
