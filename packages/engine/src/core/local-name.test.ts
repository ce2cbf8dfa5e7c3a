import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldName, hasTag, isFolding, isLocalNameOf, localName, nameProblem, type NameRules } from './local-name.ts';
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
  test.each([
    ['a:b.txt', /^a：b~[\da-f]{8}\.txt$/u],
    ['CON', /^CON~[\da-f]{8}$/u],
    ['con.tar.gz', /^con~[\da-f]{8}\.tar\.gz$/u],
    ['NUL .txt', /^NUL~[\da-f]{8} \.txt$/u],
    ['end.', /^end\.~[\da-f]{8}$/u],
    ['end ', /^end ~[\da-f]{8}$/u],
    ['a\nb', /^a␊b~[\da-f]{8}$/u],
    ['photo\u202egpj.exe', /^photo_gpj~[\da-f]{8}\.exe$/u],
    ['n\udc80', /^n_~[\da-f]{8}$/u],
    ['ONEFOL~1', /^ONEFOL~1~[\da-f]{8}$/u],
  ])('%j is told by its likeness on Windows', (name, expected) => {
    expect(localName(name, WINDOWS, 0)).toMatch(expected);
  });

  test('that is too long is cut, its ending kept', () => {
    const name = `${'漢'.repeat(100)}.docx`;
    const here = localName(name, LINUX, 0);
    expect(here).toMatch(/^漢+~[\da-f]{8}\.docx$/u);
    expect(nameBytes(here)).toBeLessThanOrEqual(255);
  });
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
