/* Entries that are not plain files with plain names, from one real disk to another. */
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DaemonCore } from './daemon-core.ts';
import { startTwoDevices, type TwoDevices } from './test-ground.ts';

const PATIENCE_MS = 60_000;

let devices: TwoDevices;
let here: string;
let there: string;
let laptop: DaemonCore;
let desktop: DaemonCore;

beforeAll(async () => {
  devices = await startTwoDevices();
  ({ here, there, laptop, desktop } = devices);
}, 2 * PATIENCE_MS);

afterAll(() => devices.close(), PATIENCE_MS);

const settle = (): Promise<void> => devices.settle(PATIENCE_MS);

/** Names as the disk has them, byte for byte. */
const NAMES: readonly Buffer[] = [
  ...[
    'a:b?.txt',
    'CON',
    'nul.tar.gz',
    'end.',
    'end ',
    ' begin',
    'back\\slash',
    'two\nlines',
    'bell\u0007',
    '-rf',
    '*',
    '%2F',
    '#1',
  ],
  ...[
    '\u202egpj.exe',
    'left\u2066to\u2069',
    'caf\u00e9',
    'cafe\u0301',
    'Case',
    'case',
    'CASE',
    '\u212b',
    '\u00c5',
    'A\u030a',
    '\ufeffmark',
    '😀',
    '.hidden',
    '...',
  ],
  ...['n'.repeat(255), `${'ü'.repeat(125)}.text`, '漢'.repeat(85)],
]
  .map((name) => Buffer.from(name))
  .concat([
    Buffer.from([0x6c, 0xe4, 0x74, 0x69, 0x6e]),
    Buffer.from([0xff]),
    Buffer.from([0xed, 0xb2, 0x80]),
    Buffer.from([0xc3, 0x28, 0x2e, 0x74, 0x78, 0x74]),
    Buffer.concat([Buffer.alloc(251, 0xe4), Buffer.from('.txt')]),
  ]);

function below(root: string, folder: string, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${root}/${folder}/`), name]);
}

const sorted = (names: readonly Buffer[]): string[] => names.map((name) => name.toString('hex')).sort();

it(
  'names of every kind arrive byte for byte, are renamed and deleted, and come back',
  { timeout: 3 * PATIENCE_MS },
  async () => {
    for (const folder of ['names', 'names/kept']) mkdirSync(path.join(here, folder));
    for (const name of NAMES) writeFileSync(below(here, 'names/kept', name), name);
    await settle();
    expect(sorted(readdirSync(path.join(there, 'names/kept'), 'buffer'))).toEqual(sorted(NAMES));
    for (const name of NAMES) expect(readFileSync(below(there, 'names/kept', name)).equals(name)).toBe(true);

    // Each name is given to the content of the next, all at once.
    mkdirSync(path.join(there, 'names/aside'));
    for (const name of NAMES) renameSync(below(there, 'names/kept', name), below(there, 'names/aside', name));
    NAMES.forEach((name, i) =>
      renameSync(below(there, 'names/aside', name), below(there, 'names/kept', NAMES[(i + 1) % NAMES.length]!)),
    );
    rmSync(path.join(there, 'names/aside'), { recursive: true });
    await settle();
    expect(sorted(readdirSync(path.join(here, 'names/kept'), 'buffer'))).toEqual(sorted(NAMES));
    NAMES.forEach((name, i) =>
      expect(readFileSync(below(here, 'names/kept', NAMES[(i + 1) % NAMES.length]!)).equals(name)).toBe(true),
    );

    for (const name of NAMES) unlinkSync(below(here, 'names/kept', name));
    await settle();
    expect(readdirSync(path.join(there, 'names/kept'))).toEqual([]);
    expect((await laptop.calls.conflicts()).conflicts).toEqual([]);
  },
);

it('links are carried as they are, whatever is or is not behind them', { timeout: 3 * PATIENCE_MS }, async () => {
  mkdirSync(path.join(here, 'links'));
  const at = (root: string, name: string): string => path.join(root, 'links', name);
  const LINKS: Readonly<Record<string, string>> = {
    loop: 'loop',
    there: 'back',
    back: 'there',
    dangling: 'no/such/thing',
    absolute: '/etc/passwd',
    outside: '../../..',
    up: '..',
    odd: '..//./x',
    long: 'x/'.repeat(2_000) + 'y',
  };
  for (const [name, target] of Object.entries(LINKS)) symlinkSync(target, at(here, name));
  await settle();
  for (const [name, target] of Object.entries(LINKS)) expect(readlinkSync(at(there, name))).toBe(target);

  // A link becomes a file, another one a folder, a third one leads elsewhere.
  unlinkSync(at(here, 'loop'));
  writeFileSync(at(here, 'loop'), 'a file now');
  unlinkSync(at(here, 'up'));
  mkdirSync(at(here, 'up'));
  writeFileSync(at(here, 'up/inside'), 'x');
  unlinkSync(at(here, 'odd'));
  symlinkSync('elsewhere', at(here, 'odd'));
  await settle();
  expect(readFileSync(at(there, 'loop'), 'utf8')).toBe('a file now');
  expect(readFileSync(at(there, 'up/inside'), 'utf8')).toBe('x');
  expect(readlinkSync(at(there, 'odd'))).toBe('elsewhere');

  // And back.
  rmSync(at(there, 'loop'));
  symlinkSync('loop', at(there, 'loop'));
  rmSync(at(there, 'up'), { recursive: true });
  symlinkSync('..', at(there, 'up'));
  await settle();
  expect(readlinkSync(at(here, 'loop'))).toBe('loop');
  expect(readlinkSync(at(here, 'up'))).toBe('..');
  expect((await laptop.calls.conflicts()).conflicts).toEqual([]);
});

it(
  'a pipe, a socket and a device stay here, said so, and neither take nor lose a name elsewhere',
  { timeout: 3 * PATIENCE_MS },
  async () => {
    mkdirSync(path.join(here, 'special'));
    const at = (root: string, name: string): string => path.join(root, 'special', name);
    execFileSync('mkfifo', [at(here, 'pipe')]);
    writeFileSync(at(here, 'file'), 'x');
    await settle();
    expect(readdirSync(path.join(there, 'special'))).toEqual(['file']);
    // A file of the name of a pipe comes from elsewhere.
    writeFileSync(at(there, 'pipe'), 'from elsewhere');
    await desktop.syncWait(PATIENCE_MS, () => false);
    expect(await laptop.syncWait(PATIENCE_MS, () => false)).toBe('attention');
    expect(laptop.status().attention).toMatchObject([{ code: 'special-file', path: 'special/pipe' }]);
    expect(laptop.status().waiting).toMatchObject([{ code: 'special-file', path: 'special/pipe' }]);
    expect(lstatSync(at(here, 'pipe')).isFIFO()).toBe(true);
    unlinkSync(at(here, 'pipe'));
    await settle();
    expect(readFileSync(at(here, 'pipe'), 'utf8')).toBe('from elsewhere');
  },
);

it('empty files, empty folders and files of all zeros are what they are', { timeout: 3 * PATIENCE_MS }, async () => {
  mkdirSync(path.join(here, 'empty/in/empty'), { recursive: true });
  writeFileSync(path.join(here, 'empty/file'), '');
  writeFileSync(path.join(here, 'empty/zeros'), Buffer.alloc(5_000_000));
  await settle();
  expect(readdirSync(path.join(there, 'empty'), { recursive: true }).sort()).toEqual([
    'file',
    'in',
    'in/empty',
    'zeros',
  ]);
  expect(lstatSync(path.join(there, 'empty/file')).size).toBe(0);
  expect(lstatSync(path.join(there, 'empty/zeros')).blocks).toBe(0);
  writeFileSync(path.join(there, 'empty/file'), 'not any more');
  writeFileSync(path.join(there, 'empty/zeros'), '');
  await settle();
  expect(readFileSync(path.join(here, 'empty/file'), 'utf8')).toBe('not any more');
  expect(lstatSync(path.join(here, 'empty/zeros')).size).toBe(0);
});
