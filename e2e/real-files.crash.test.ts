import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  chmodSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareTrees, readTree } from './harness/compare-trees.ts';
import { createWorld, pauseFor, settle, type Device, type World } from './harness/world.ts';

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));

/** The machine's own files: man pages hold case twins, zoneinfo hard and symbolic links, the rest odd names and deep trees. */
const SOURCES = ['/usr/share/zoneinfo', '/usr/share/perl', '/usr/share/terminfo', '/usr/share/ca-certificates'];
const MAN_PAGES = '/usr/share/man';
/** The section that is as large as the machine has programs: it is cut off where there are enough entries. */
const LONG_SECTION = 'man1';
const LEAST_ENTRIES = 20_000;

function copy(sources: readonly string[], folder: string): void {
  mkdirSync(folder, { recursive: true });
  const there = sources.filter((source) => lstatSync(source, { throwIfNoEntry: false }) !== undefined);
  if (there.length > 0) execFileSync('cp', ['-a', '-t', folder, '--', ...there]);
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function fill(folder: string): void {
  copy(SOURCES, folder);
  const sections = namesIn(MAN_PAGES).filter((name) => name !== LONG_SECTION);
  copy(
    sections.map((name) => join(MAN_PAGES, name)),
    join(folder, 'man'),
  );
  mkdirSync(join(folder, 'project', 'node_modules'), { recursive: true });
  for (const name of ['react-dom', 'vite', 'undici', 'zod', '.bin']) {
    cpSync(join(MODULES, name), join(folder, 'project', 'node_modules', name), {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
  const missing = Math.max(0, LEAST_ENTRIES - readTree(folder).size);
  const pages = namesIn(join(MAN_PAGES, LONG_SECTION)).slice(0, missing);
  copy(
    pages.map((name) => join(MAN_PAGES, LONG_SECTION, name)),
    join(folder, 'man', LONG_SECTION),
  );
  // A machine with fewer man pages still gets its twenty thousand.
  for (let i = readTree(folder).size; i < LEAST_ENTRIES; i++) {
    const below = join(folder, 'more', String(i % 50));
    mkdirSync(below, { recursive: true });
    writeFileSync(join(below, `note ${i}.txt`), `${i}\n`.repeat(i % 400));
  }
  oddities(join(folder, 'oddities'));
}

function oddities(folder: string): void {
  mkdirSync(join(folder, 'empty folder'), { recursive: true });
  writeFileSync(join(folder, 'empty file'), '');
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/invalid `), Buffer.from([0xff, 0xc3, 0x28])]), 'not UTF-8');
  writeFileSync(join(folder, 'line\nbreak'), 'x');
  writeFileSync(join(folder, ' spaces and "quotes" \\ and * '), 'y');
  writeFileSync(join(folder, 'Ünïcödé'.normalize('NFC')), 'composed');
  writeFileSync(join(folder, 'Ünïcödé'.normalize('NFD')), 'decomposed');
  writeFileSync(join(folder, 'README'), 'upper');
  writeFileSync(join(folder, 'readme'), 'lower');
  writeFileSync(join(folder, '한국어 파일.txt'), '안녕');
  writeFileSync(join(folder, 'n'.repeat(255)), 'long name');
  symlinkSync('/nowhere/at/all', join(folder, 'dangling'));
  symlinkSync('../..', join(folder, 'upwards'));
  writeFileSync(join(folder, 'script'), '#!/bin/sh\n');
  chmodSync(join(folder, 'script'), 0o755);
  chmodSync(join(folder, 'readme'), 0o600);
  linkSync(join(folder, 'script'), join(folder, 'hard link'));
}

function filesBelow(folder: string, most: number): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .slice(0, most)
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Confirms every held mass change until everything is in step. */
async function settleConfirming(devices: readonly Device[]): Promise<number> {
  let confirmed = 0;
  for (let round = 0; round < 40; round++) {
    let isQuiet = true;
    for (const device of devices) {
      const { code, stdout, stderr } = await device.syncWait(300);
      if (code === 0) continue;
      isQuiet = false;
      const status = await device.status();
      const held = status.attention.filter((item) => item.code === 'mass-change');
      if (held.length === 0)
        throw new Error(`${device.name}: exit ${String(code)} ${stdout}${stderr} ${JSON.stringify(status.attention)}`);
      for (const item of held) {
        const answer = await device.command('confirm', item.id);
        if (answer.code !== 0) throw new Error(`confirm ${item.id}: ${answer.stderr}`);
        confirmed++;
      }
    }
    if (isQuiet && round > 0) return confirmed;
  }
  throw new Error('still not in step after 40 rounds');
}

describe('twenty thousand real files', () => {
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
  });

  afterAll(() => world.close());

  it('stand byte for byte in the other folder, with modes and mtimes', async () => {
    fill(laptop.folder);
    await settle([laptop, desktop], 600);
    expect(readTree(laptop.folder).size).toBeGreaterThanOrEqual(LEAST_ENTRIES);
    expect(await compareTrees(laptop.folder, desktop.folder)).toEqual([]);
  });

  it('follow edits, renames of whole folders and deletes, both ways', async () => {
    for (const file of filesBelow(join(laptop.folder, 'man', 'man1'), 100))
      appendFileSync(file, 'edited on the laptop');
    for (const file of filesBelow(join(desktop.folder, 'man', 'man3'), 100))
      appendFileSync(file, 'edited on the desktop');
    renameSync(join(laptop.folder, 'project'), join(laptop.folder, 'renamed project'));
    renameSync(join(desktop.folder, 'man', 'man3'), join(desktop.folder, 'section three'));
    rmSync(join(laptop.folder, 'zoneinfo'), { recursive: true, force: true });
    rmSync(join(desktop.folder, 'man', 'man8'), { recursive: true, force: true });
    await settleConfirming([laptop, desktop]);
    expect(await compareTrees(laptop.folder, desktop.folder)).toEqual([]);
    const tree = readTree(laptop.folder);
    expect(tree.has('section three')).toBe(true);
    expect(tree.has('man/man3')).toBe(false);
    expect(tree.has('renamed project')).toBe(true);
    expect(tree.has('zoneinfo')).toBe(false);
    expect(tree.has('man/man8')).toBe(false);
  });

  it('survive daemon and server killed in the middle, several times', async () => {
    const before = readTree(laptop.folder);
    for (let round = 0; round < 4; round++) {
      const [writer, reader] = round % 2 === 0 ? [laptop, desktop] : [desktop, laptop];
      cpSync(join(MODULES, 'typescript', 'lib'), join(writer.folder, `copy ${round}`), { recursive: true });
      for (let i = 0; i < 1500; i++) {
        const below = join(writer.folder, `many ${round}`, String(i % 20));
        mkdirSync(below, { recursive: true });
        writeFileSync(join(below, `${i}.txt`), `${round} ${i} `.repeat(200));
      }
      // Each device edits files of its own: whatever is killed when, there is nothing to conflict.
      const own = reader === desktop ? 'section three' : 'perl';
      for (const file of filesBelow(join(reader.folder, own), 50)) appendFileSync(file, `round ${round}`);
      await pauseFor(500 + 700 * round);
      await writer.kill();
      await pauseFor(200);
      await world.killServer();
      await pauseFor(200);
      await world.startServer();
      await writer.start();
      await pauseFor(600 + 300 * round);
      await reader.kill();
      await world.killServer();
      await world.startServer();
      await reader.start();
    }
    await settleConfirming([laptop, desktop]);
    expect(await compareTrees(laptop.folder, desktop.folder)).toEqual([]);
    const after = readTree(desktop.folder);
    for (const path of before.keys()) expect(after.has(path), path).toBe(true);
    for (let round = 0; round < 4; round++) {
      expect(filesBelow(join(desktop.folder, `many ${round}`), 10_000)).toHaveLength(1500);
    }
    expect([...after.keys()].filter((path) => path.includes('(conflict'))).toEqual([]);
  });
});
