import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  diskNameOf,
  foldName,
  hasTag,
  isFolding,
  isLocalNameOf,
  localName,
  MAX_ATTEMPTS,
  namedAs,
  nameProblem,
  type NameRules,
} from './local-name.ts';
import { encodeName, nameBytes } from './names.ts';

const LINUX: NameRules = { system: 'linux', isCaseSensitive: true };
const WINDOWS: NameRules = { system: 'windows', isCaseSensitive: false };
const MAC: NameRules = { system: 'mac', isCaseSensitive: false };
const ALL = [LINUX, WINDOWS, MAC];

const anyName = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
    fc.string({
      unit: fc.constantFrom(
        'a',
        'A',
        'é',
        'e\u0301',
        ':',
        '.',
        ' ',
        '~',
        '\u202e',
        '\n',
        '\udc80',
        'ß',
        '漢',
        '😀',
        '1',
      ),
      minLength: 1,
      maxLength: 300,
    }),
    fc.constantFrom(
      'CON',
      'con.tar.gz',
      'NUL .txt',
      'COM1.txt',
      'lpt¹',
      'aux.',
      'CONIN$',
      'ONEFOL~1',
      'x~00000001.txt',
    ),
  )
  .filter((name) => !/[/\0]/u.test(name) && name !== '.' && name !== '..');

describe('a name that the disk holds', () => {
  test('stays as it is', () => {
    for (const name of [
      'onefol~1234567',
      'a',
      'Ä.txt',
      '.h',
      'a b',
      'CONSOLE',
      'com',
      'com10',
      'nul-file',
      'x~1',
      'a.b.c',
    ])
      for (const rules of ALL) expect(localName(name, rules, 0)).toBe(name);
  });

  test('may be anything on Linux, up to 255 bytes', () => {
    for (const name of ['a:b', 'CON', 'x.', 'x ', '\u202ea', 'a\nb', 'n\udc80', 'ä'.repeat(127)])
      expect(localName(name, LINUX, 0)).toBe(name);
    expect(nameProblem('ä'.repeat(128), LINUX)).toBe('too-long');
    expect(nameProblem('ä'.repeat(128), MAC)).toBeNull();
    expect(nameProblem('ä'.repeat(256), MAC)).toBe('too-long');
  });
});

describe('a name that the disk cannot hold', () => {
  // The very names: a disk that lost its state is read by them.
  test.each([
    ['a:b.txt', 'a：b~ba26a503.txt'],
    ['CON', 'CON~39bf4f0e'],
    ['con.tar.gz', 'con~f2317f1c.tar.gz'],
    ['NUL .txt', 'NUL~9769c9ed .txt'],
    ['end.', 'end.~23001945'],
    ['end ', 'end ~a6e7512b'],
    ['aux.', 'aux~326b557e_'],
    ['a\nb', 'a␊b~86bc31e5'],
    ['a\u007fb', 'a_b~ff67fe40'],
    ['photo\u202egpj.exe', 'photo_gpj~69ed9255.exe'],
    ['n\udc80', 'n_~19ae84d6'],
    ['ONEFOL~1', 'ONEFOL~1~ad94a492'],
    ['.a?b', '.a？b~d852309e'],
    ['a.b:c', 'a~e7bb6ed0.b：c'],
    ['a.b c?', 'a.b c？~e8d1cccd'],
    [`x?.${'y'.repeat(17)}`, `x？.${'y'.repeat(17)}~291986e4`],
  ])('%j is told by its likeness on Windows', (name, expected) => {
    expect(localName(name, WINDOWS, 0)).toBe(expected);
  });

  test('is another one with each attempt, and on Linux as it was but for the tag', () => {
    expect(localName('CON', MAC, 2)).toBe('CON~a5633cf5');
    expect(localName('a:b', LINUX, 1)).toMatch(/^a:b~/u);
    expect(localName('x1', LINUX, 1)).toBe('x1~0031de75');
    expect(isLocalNameOf(localName('x1', LINUX, MAX_ATTEMPTS - 1), 'x1', LINUX)).toBe(true);
    expect(isLocalNameOf(localName('x1', LINUX, MAX_ATTEMPTS), 'x1', LINUX)).toBe(false);
    expect(isLocalNameOf('x1', 'x1', LINUX)).toBe(false);
  });

  test('that is too long is cut, its ending kept', () => {
    const name = `${'漢'.repeat(100)}.docx`;
    const here = localName(name, LINUX, 0);
    expect(here).toMatch(/^漢+~[\da-f]{8}\.docx$/u);
    expect(nameBytes(here)).toBeLessThanOrEqual(255);
  });

  test('that is too long is as long as it can be, in bytes or in units', () => {
    expect(localName('x'.repeat(300), LINUX, 0)).toHaveLength(255);
    for (const rules of [WINDOWS, MAC]) expect(localName('漢'.repeat(300), rules, 0)).toHaveLength(255);
    expect(nameBytes(localName('ä'.repeat(200), LINUX, 0))).toBe(255);
    // Of a device as little as may be before the first dot, and room for it.
    expect(localName(`con.${'x'.repeat(300)}`, WINDOWS, 0)).toMatch(/^con~[\da-f]{8}\.x{237}$/u);
  });

  test.each([
    ['x'.repeat(255), LINUX, null],
    ['x'.repeat(256), LINUX, 'too-long'],
    ['x'.repeat(255), MAC, null],
    ['x'.repeat(256), WINDOWS, 'too-long'],
    ['a\u202eb', MAC, 'illegal'],
    ['n\udc80', MAC, 'illegal'],
    ['a:b', MAC, null],
    ['a:b', WINDOWS, 'illegal'],
    ['ONEFOL~12', WINDOWS, 'illegal'],
    ['ONEFOL~1.x', WINDOWS, 'illegal'],
    ['xONEFOL~1', WINDOWS, null],
    ['CON', MAC, null],
    ['CON', WINDOWS, 'reserved'],
    ['falcon', WINDOWS, null],
    ['com1', WINDOWS, 'reserved'],
    ['COM¹.txt', WINDOWS, 'reserved'],
    ['comx', WINDOWS, null],
    ['LPT9', WINDOWS, 'reserved'],
    ['lptx', WINDOWS, null],
  ] as const)('%j is judged by the system', (name, rules, problem) => expect(nameProblem(name, rules)).toBe(problem));
});

describe('names that a volume takes for one', () => {
  const cased = { ...WINDOWS, isCaseSensitive: true };
  test('are looked for where it ignores case, and on a Mac always', () => {
    expect([LINUX, WINDOWS, MAC, cased, { ...MAC, isCaseSensitive: true }].map(isFolding)).toEqual([
      false,
      true,
      true,
      false,
      true,
    ]);
  });

  test.each([
    [LINUX, 'Éa'],
    [MAC, 'éa'],
    [WINDOWS, 'e\u0301a'],
    [cased, 'E\u0301a'],
  ])('are equal once folded: %o', (rules, expected) => expect(foldName('E\u0301a', rules)).toBe(expected));
});

test('a node is called on the disk as it is called, unless the disk calls it otherwise', () => {
  expect(namedAs('a', 'a')).toEqual({ name: 'a' });
  expect(namedAs('CON', 'CON~1')).toEqual({ name: 'CON', diskName: 'CON~1' });
  expect([diskNameOf({ name: 'a' }), diskNameOf({ name: 'CON', diskName: 'CON~1' })]).toEqual(['a', 'CON~1']);
});

describe('for any names and any disk', () => {
  test('what is made can stand there, and tells which name is meant', () => {
    fc.assert(
      fc.property(anyName, fc.constantFrom(...ALL), fc.integer({ min: 0, max: 4 }), (name, rules, attempt) => {
        const here = localName(name, rules, attempt);
        expect(nameProblem(here, rules)).toBeNull();
        if (here === name) return;
        expect(hasTag(here)).toBe(true);
        expect(isLocalNameOf(here, name, rules)).toBe(true);
        if (isWhole(name)) expect(() => encodeName(here)).not.toThrow();
      }),
    );
  });

  test('the names of a folder stand side by side, each found again', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyName, { maxLength: 20 }), fc.constantFrom(...ALL), (names, rules) => {
        const taken = new Map<string, string>();
        for (const name of names) {
          const key = (here: string): string => (isFolding(rules) ? foldName(here, rules) : here);
          let attempt = 0;
          while (taken.has(key(localName(name, rules, attempt)))) attempt++;
          // Fewer tries than are made before a person has to help.
          expect(attempt).toBeLessThan(5);
          taken.set(key(localName(name, rules, attempt)), name);
        }
        expect([...taken.values()]).toEqual(names);
      }),
    );
  });
});

/** A text that decodeName can have made. */
function isWhole(name: string): boolean {
  try {
    encodeName(name);
    return true;
  } catch {
    return false;
  }
}
