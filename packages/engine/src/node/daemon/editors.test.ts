/* How programs save, on a real disk: each is an edit of the file it was, whatever happens to names and inodes meanwhile. */
import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DaemonCore } from './daemon-core.ts';
import { startTwoDevices, type TwoDevices } from './test-ground.ts';

const PATIENCE_MS = 60_000;

let devices: TwoDevices;
let here: string;
let there: string;
let laptop: DaemonCore;

beforeAll(async () => {
  devices = await startTwoDevices();
  ({ here, there, laptop } = devices);
}, 2 * PATIENCE_MS);

afterAll(() => devices.close(), PATIENCE_MS);

const settle = (): Promise<void> => devices.settle(PATIENCE_MS);

interface Place {
  /** Absolute path of a name in the folder of this case. */
  at(name: string): string;
}

/** `save` replaces what is in `name`; `left` are the other names that are meant to stay. */
interface Pattern {
  readonly program: string;
  readonly name: string;
  readonly save: (place: Place, name: string, text: string) => void | Promise<void>;
  readonly left?: readonly string[];
}

function writeSynced(file: string, text: string): void {
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, text);
  fsyncSync(descriptor);
  closeSync(descriptor);
}

const PATTERNS: readonly Pattern[] = [
  {
    program: 'vim (probe file, old one renamed to a backup, new one written, backup removed)',
    name: 'notes.txt',
    save({ at }, name, text) {
      writeFileSync(at('4913'), '');
      unlinkSync(at('4913'));
      writeFileSync(at(`.${name}.swp`), 'swap');
      renameSync(at(name), at(`${name}~`));
      writeSynced(at(name), text);
      unlinkSync(at(`${name}~`));
      unlinkSync(at(`.${name}.swp`));
    },
  },
  {
    program: 'vim with backupcopy=yes (copied to a backup, written in place)',
    name: 'notes.txt',
    save({ at }, name, text) {
      copyFileSync(at(name), at(`${name}~`));
      truncateSync(at(name));
      const descriptor = openSync(at(name), 'r+');
      writeSync(descriptor, text);
      closeSync(descriptor);
      unlinkSync(at(`${name}~`));
    },
  },
  {
    program: 'VS Code (emptied, then written in place, in pieces)',
    name: 'code.ts',
    async save({ at }, name, text) {
      const descriptor = openSync(at(name), 'r+');
      ftruncateSync(descriptor);
      await sleep(30);
      writeSync(descriptor, text.slice(0, 3));
      await sleep(30);
      writeSync(descriptor, text.slice(3));
      closeSync(descriptor);
    },
  },
  {
    program: 'Word (lock file, temporary written, old one renamed away, new one renamed in, old one deleted)',
    name: 'report.docx',
    async save({ at }, name, text) {
      writeFileSync(at('~$report.docx'), 'owner');
      writeSynced(at('~WRD0001.tmp'), text);
      renameSync(at(name), at('~WRL0002.tmp'));
      await sleep(20);
      renameSync(at('~WRD0001.tmp'), at(name));
      unlinkSync(at('~WRL0002.tmp'));
      unlinkSync(at('~$report.docx'));
    },
  },
  {
    program: 'LibreOffice (lock file, temporary renamed over)',
    name: 'report.odt',
    save({ at }, name, text) {
      writeFileSync(at('.~lock.report.odt#'), ',me,here;');
      writeSynced(at('lu12345.tmp'), text);
      renameSync(at('lu12345.tmp'), at(name));
      unlinkSync(at('.~lock.report.odt#'));
    },
  },
  {
    program: 'macOS safe save (written in a folder beside, names exchanged, folder removed)',
    name: 'letter.rtf',
    save({ at }, name, text) {
      const aside = at(`${name}.sb-1f2e3d4c-AbCdEf`);
      mkdirSync(aside);
      writeSynced(path.join(aside, name), text);
      renameSync(at(name), path.join(aside, 'old'));
      renameSync(path.join(aside, name), at(name));
      unlinkSync(path.join(aside, 'old'));
      rmdirSync(aside);
    },
  },
  {
    program: 'emacs (lock link, auto-save, old one renamed to a backup that stays)',
    name: 'init.el',
    left: ['init.el~'],
    save({ at }, name, text) {
      symlinkSync('me@here.1234', at(`.#${name}`));
      writeFileSync(at(`#${name}#`), text);
      renameSync(at(name), at(`${name}~`));
      writeSynced(at(name), text);
      unlinkSync(at(`#${name}#`));
      unlinkSync(at(`.#${name}`));
    },
  },
  {
    program: 'GNOME programs (stream beside, renamed over)',
    name: 'list.txt',
    save({ at }, name, text) {
      writeSynced(at('.goutputstream-X1Y2Z3'), text);
      renameSync(at('.goutputstream-X1Y2Z3'), at(name));
    },
  },
  {
    program: 'a program that deletes and writes anew',
    name: 'table.csv',
    async save({ at }, name, text) {
      unlinkSync(at(name));
      await sleep(300);
      writeFileSync(at(name), text);
    },
  },
];

it.each(PATTERNS.map((pattern, i) => ({ ...pattern, i })))(
  'is one edit of one file: $program',
  { timeout: 3 * PATIENCE_MS },
  async ({ name, save, left = [], i }) => {
    const folder = `case ${i}`;
    const place: Place = { at: (one) => path.join(here, folder, one) };
    mkdirSync(path.join(here, folder));
    writeFileSync(place.at(name), 'the first version');
    await settle();
    await save(place, name, 'the second version, which is longer');
    await settle();
    for (const root of [here, there]) {
      expect(readdirSync(path.join(root, folder)).sort()).toEqual([name, ...left].sort());
      expect(readFileSync(path.join(root, folder, name), 'utf8')).toBe('the second version, which is longer');
    }
    const { versions } = await laptop.calls.versions({ path: place.at(name) });
    expect(versions.map(({ isCurrent }) => isCurrent)).toEqual([true, false]);
    expect((await laptop.calls.conflicts()).conflicts).toEqual([]);
  },
);

it('sends a file that grows while it is read when it has stopped', { timeout: 3 * PATIENCE_MS }, async () => {
  const file = path.join(here, 'growing.log');
  const descriptor = openSync(file, 'w');
  let text = '';
  for (let i = 0; i < 60; i++) {
    const line = `${i} `.repeat(4_000);
    text += line;
    writeSync(descriptor, line);
    await sleep(15);
  }
  closeSync(descriptor);
  await settle();
  expect(readFileSync(path.join(there, 'growing.log'), 'utf8')).toBe(text);
});

it('keeps every name of a hard-linked file as a file of its own', { timeout: 3 * PATIENCE_MS }, async () => {
  writeFileSync(path.join(here, 'one name'), 'linked');
  linkSync(path.join(here, 'one name'), path.join(here, 'other name'));
  await settle();
  for (const name of ['one name', 'other name']) expect(readFileSync(path.join(there, name), 'utf8')).toBe('linked');
  writeFileSync(path.join(here, 'one name'), 'written through one of them');
  rmSync(path.join(here, 'other name'));
  await settle();
  expect(readFileSync(path.join(there, 'one name'), 'utf8')).toBe('written through one of them');
  expect(readdirSync(there)).not.toContain('other name');
});

it('keeps a sparse file byte for byte', { timeout: 3 * PATIENCE_MS }, async () => {
  const file = path.join(here, 'disk.img');
  const descriptor = openSync(file, 'w');
  ftruncateSync(descriptor, 24 * 1024 * 1024);
  writeSync(descriptor, 'in the middle', 12 * 1024 * 1024);
  closeSync(descriptor);
  await settle();
  const copy = readFileSync(path.join(there, 'disk.img'));
  expect(copy.length).toBe(24 * 1024 * 1024);
  expect(copy.equals(readFileSync(file))).toBe(true);
  expect(statSync(path.join(there, 'disk.img')).blocks * 512).toBeLessThan(copy.length / 2);
});
