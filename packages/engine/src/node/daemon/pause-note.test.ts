import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeRegistry, notedPauses, notePauses, readRegistry, type KeptFolder } from './folder-registry.ts';
import type { Home } from './home.ts';

let folder: string;
let home: Home;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-pause-'));
  home = { foldersFile: join(folder, 'folders.json') } as Home;
  await changeRegistry(home, (registry) => ({ ...registry, folders: [kept('/one'), kept('/two')] }));
});

afterEach(() => rmSync(folder, { recursive: true }));

function kept(path: string): KeptFolder {
  const ids = { folderId: path, deviceId: 'd' as never, namespaceId: 'n' as never, namespaceName: '' };
  return { ...ids, path, volume: 1n, inode: 2n, birthtimeNs: 3n, isPaused: false };
}

async function paused(): Promise<unknown> {
  const { isPaused, folders } = await readRegistry(home);
  return { all: isPaused, folders: folders.filter((one) => one.isPaused).map(({ path }) => path) };
}

describe('a note about pausing', () => {
  it('is read as part of the list by whoever reads it, before the list itself says so', async () => {
    notePauses(home, [{ folder: '/one', isPaused: true }]);
    expect(await paused()).toEqual({ all: false, folders: ['/one'] });
  });

  it('is gone once the list says the same', async () => {
    notePauses(home, [{ folder: null, isPaused: true }]);
    await changeRegistry(home, (registry) => registry);
    expect(readdirSync(folder).filter((name) => name.includes('pausing'))).toEqual([]);
    expect(await paused()).toEqual({ all: true, folders: [] });
  });

  it('stays for what was said while the list was written, and ends as it was said last', async () => {
    notePauses(home, [{ folder: '/one', isPaused: true }]);
    await changeRegistry(home, (registry) => {
      notePauses(home, [
        { folder: '/one', isPaused: true },
        { folder: '/one', isPaused: false },
      ]);
      return registry;
    });
    expect(notedPauses(home)).toHaveLength(2);
    expect(await paused()).toEqual({ all: false, folders: [] });
  });

  it('resumes with everything what was paused by itself', async () => {
    notePauses(home, [
      { folder: '/two', isPaused: true },
      { folder: null, isPaused: false },
    ]);
    expect(await paused()).toEqual({ all: false, folders: [] });
  });

  it('resumes one folder where everything is paused, and leaves the others paused', async () => {
    notePauses(home, [
      { folder: null, isPaused: true },
      { folder: '/one', isPaused: false },
    ]);
    expect(await paused()).toEqual({ all: false, folders: ['/two'] });
  });

  it('leaves everything paused where one folder is paused besides', async () => {
    notePauses(home, [
      { folder: null, isPaused: true },
      { folder: '/one', isPaused: true },
    ]);
    expect(await paused()).toEqual({ all: true, folders: ['/one'] });
  });

  it('says nothing when a loss of power has left it torn', async () => {
    writeFileSync(`${home.foldersFile}.pausing`, '[{"folder":');
    expect(await paused()).toEqual({ all: false, folders: [] });
  });
});
