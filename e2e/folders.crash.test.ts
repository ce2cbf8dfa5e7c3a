import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareTrees } from './harness/compare-trees.ts';
import { createWorld, settle, type Device, type World } from './harness/world.ts';

describe('folders of a device', () => {
  let world: World;
  let laptop: Device;
  let desktop: Device;

  beforeAll(async () => {
    world = await createWorld();
    await world.startServer();
    laptop = await world.addDevice('laptop');
    desktop = await world.addDevice('desktop');
    await laptop.start();
    await desktop.start();
    writeFileSync(join(laptop.folder, 'kept.txt'), 'kept');
    await settle([laptop, desktop]);
  });

  afterAll(() => world.close());

  it('stop being synced without a file being touched, and come back by adopting what is equal', async () => {
    expect((await laptop.command('remove', laptop.folder)).code).toBe(0);
    expect(readdirSync(laptop.folder)).toEqual(['kept.txt']);
    writeFileSync(join(desktop.folder, 'meanwhile.txt'), 'from the other device');
    writeFileSync(join(laptop.folder, 'alone.txt'), 'written while nothing watched');
    expect((await laptop.command('add', laptop.folder)).code).toBe(0);
    await settle([laptop, desktop], 120);
    expect(await compareTrees(laptop.folder, desktop.folder)).toEqual([]);
    expect(readdirSync(desktop.folder).sort()).toEqual(['.onefold', 'alone.txt', 'kept.txt', 'meanwhile.txt']);
    expect(readFileSync(join(desktop.folder, 'kept.txt'), 'utf8')).toBe('kept');
  });

  it('are refused inside or around one another and around the state', async () => {
    for (const folder of [join(laptop.folder, '.onefold'), world.folder]) {
      const { code, stderr } = await laptop.command('add', folder);
      expect(code, stderr).toBe(1);
    }
    expect((await laptop.command('add', laptop.folder)).code).toBe(1);
    expect(existsSync(join(world.folder, '.onefold'))).toBe(false);
  });

  it('give back an earlier version of a file', async () => {
    const file = join(laptop.folder, 'kept.txt');
    writeFileSync(file, 'second version');
    await settle([laptop, desktop], 120);
    const listed = await laptop.command('versions', file, '--json');
    const { versions } = JSON.parse(listed.stdout) as { versions: { version: string; isCurrent: boolean }[] };
    expect(versions.map(({ isCurrent }) => isCurrent)).toEqual([true, false]);
    const restored = await laptop.command('restore', file, '--version', String(versions[1]?.version));
    expect(restored.code, restored.stderr).toBe(0);
    await settle([laptop, desktop], 120);
    expect(readFileSync(join(desktop.folder, 'kept.txt'), 'utf8')).toBe('kept');
  });
});
