import {
  closeSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Chance } from './chance.ts';
import type { Ledger } from './ledger.ts';

/** Someone at work in one folder. `beside` lies on the same disk, outside of what is synced: what is deleted goes there and is looked at. */
export interface RandomUser {
  readonly name: string;
  /** Does one thing; answers what, for the log. What the system refuses is left undone, and owes nothing. */
  act(): string;
}

const MOST_BYTES = 300_000;

function writeAll(descriptor: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length;)
    done += writeSync(descriptor, bytes, done, bytes.length - done, offset + done);
}

export function createRandomUser(
  name: string,
  root: string,
  beside: string,
  chance: Chance,
  ledger: Ledger,
): RandomUser {
  let count = 0;
  const fresh = (): string => `${name}-${++count}`;
  const scratch = (): string => join(beside, fresh());

  /** Folders and files as they stand just now. */
  function look(): { folders: string[]; files: string[] } {
    const folders = [''];
    const files: string[] = [];
    for (let i = 0; i < folders.length; i++) {
      const at = folders[i]!;
      for (const entry of readdirSync(join(root, at), { withFileTypes: true })) {
        if (at === '' && entry.name === '.onefold') continue;
        const path = at === '' ? entry.name : `${at}/${entry.name}`;
        if (entry.isDirectory()) folders.push(path);
        else if (entry.isFile()) files.push(path);
      }
    }
    return { folders, files };
  }

  function newBytes(): Uint8Array {
    const size = chance.below(6) === 0 ? chance.below(MOST_BYTES) : chance.below(3_000);
    return Buffer.concat([Buffer.from(`<${fresh()} of ${chance.seed}>`), chance.bytes(size)]);
  }

  function giveUpBelow(path: string): void {
    const stat = lstatSync(path);
    if (stat.isDirectory()) for (const entry of readdirSync(path)) giveUpBelow(join(path, entry));
    else if (stat.isFile()) ledger.givenUp(readFileSync(path));
  }

  function create(path: string): string {
    const bytes = newBytes();
    const made = scratch();
    writeFileSync(made, bytes);
    // link does not replace: what came to stand there meanwhile is nobody's to overwrite.
    try {
      linkSync(made, join(root, path));
      ledger.written(bytes, `${path} on ${name}`);
    } finally {
      unlinkSync(made);
    }
    return `create ${path}`;
  }

  /** Through one descriptor: what is given up is exactly what is overwritten, whatever its name is by then. */
  function overwrite(path: string, isAppend: boolean): string {
    const descriptor = openSync(join(root, path), 'r+');
    try {
      const before = Buffer.alloc(fstatSync(descriptor).size);
      readSync(descriptor, before, 0, before.length, 0);
      const piece = newBytes();
      const bytes = isAppend ? Buffer.concat([before, piece]) : piece;
      try {
        // Behind what is there, so that a full disk is met before anything is overwritten.
        writeAll(descriptor, piece, isAppend ? before.length : Math.max(before.length, piece.length));
      } catch (error) {
        ftruncateSync(descriptor, before.length);
        throw error;
      }
      writeAll(descriptor, bytes, 0);
      ftruncateSync(descriptor, bytes.length);
      ledger.givenUp(before);
      ledger.written(bytes, `${path} on ${name}`);
    } finally {
      closeSync(descriptor);
    }
    return `${isAppend ? 'append to' : 'overwrite'} ${path}`;
  }

  /** As editors do: the old file goes aside, the new one takes its name. */
  function save(path: string): string {
    const bytes = newBytes();
    const made = scratch();
    const old = scratch();
    writeFileSync(made, bytes);
    renameSync(join(root, path), old);
    try {
      linkSync(made, join(root, path));
      ledger.written(bytes, `${path} on ${name}`);
    } finally {
      unlinkSync(made);
      ledger.givenUp(readFileSync(old));
      unlinkSync(old);
    }
    return `save ${path}`;
  }

  function remove(path: string): string {
    const old = scratch();
    renameSync(join(root, path), old);
    giveUpBelow(old);
    rmSync(old, { recursive: true });
    return `remove ${path}`;
  }

  function choose(): () => string {
    const { folders, files } = look();
    const below = (path: string): string => (path === '' ? fresh() : `${path}/${fresh()}`);
    const file = files.length === 0 ? null : chance.of(files);
    const folder = chance.of(folders);
    const dice = chance.below(100);
    if (file === null || dice < 25 + (files.length < 20 ? 20 : 0)) return () => create(below(folder));
    if (dice < 55) return () => overwrite(file, dice % 2 === 0);
    if (dice < 65) return () => save(file);
    if (dice < 78) return () => move(file, below(folder));
    if (dice < 84) return () => remove(file);
    if (dice < 90) {
      return () => {
        const path = below(folder);
        mkdirSync(join(root, path));
        return `make ${path}`;
      };
    }
    if (dice < 94 && folder !== '') return () => move(folder, below(chance.of(folders)));
    if (dice < 96 && folder !== '') return () => remove(folder);
    return () => {
      const seconds = 1_500_000_000 + chance.below(200_000_000);
      utimesSync(join(root, file), seconds, seconds);
      return `touch ${file}`;
    };
  }

  function move(from: string, to: string): string {
    renameSync(join(root, from), join(root, to));
    return `move ${from} to ${to}`;
  }

  return {
    name,
    act() {
      const what = choose();
      try {
        return what();
      } catch (error) {
        return `refused: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`;
      }
    },
  };
}
