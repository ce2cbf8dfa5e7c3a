/* The syntax is gitignore's: what git says of real files, the rules say. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createIgnoreRules, readRuleText } from './ignore.ts';

/** Names that rules have trouble with, as far as a disk of Linux holds them. */
const NAMES = ['a', 'b', 'ab', 'a b', 'a ', '.a', 'a.b', '!a', '#a', '[a]', 'a*', 'a\\', 'A', 'é', '{a,b}', '**', 'c'];
/** Folders, each with all the names in it as files. */
const FOLDERS = ['', 'd', 'd/a', 'd/a/d', 'a b.d', 'x'];
const PATHS = [
  ...FOLDERS.filter((folder) => folder !== ''),
  ...FOLDERS.flatMap((folder) => NAMES.map((name) => path.posix.join(folder, name))),
].filter((at, i, all) => all.indexOf(at) === i);

let scratch: string;

function git(args: readonly string[], input = ''): string {
  const env = { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', HOME: scratch };
  return execFileSync('git', args, { cwd: scratch, env, input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });
}

beforeAll(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'like-git-'));
  git(['init', '-q']);
  git(['config', 'core.ignoreCase', 'false']);
  for (const folder of FOLDERS) mkdirSync(path.join(scratch, folder), { recursive: true });
  for (const at of PATHS) if (!FOLDERS.includes(at)) writeFileSync(path.join(scratch, at), '');
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Rules files by their folders, '' for the top. */
type Texts = Readonly<Record<string, Buffer>>;

function asGit(texts: Texts): string[] {
  for (const [folder, bytes] of Object.entries(texts)) writeFileSync(path.join(scratch, folder, '.gitignore'), bytes);
  try {
    return git(['check-ignore', '--no-index', '-z', '--stdin'], PATHS.join('\0'))
      .split('\0')
      .filter((at) => at !== '');
  } catch (error) {
    // 1: nothing is ignored.
    if ((error as { status?: number }).status === 1) return [];
    throw error;
  } finally {
    for (const folder of Object.keys(texts)) rmSync(path.join(scratch, folder, '.gitignore'));
  }
}

function asHere(texts: Texts): string[] {
  const rules = createIgnoreRules(
    new Map(Object.entries(texts).map(([folder, bytes]) => [folder, readRuleText(bytes)])),
  );
  return PATHS.filter((at) => rules(at, FOLDERS.includes(at)));
}

const piece = fc.constantFrom(
  ...['a', 'b', 'ab', 'd', 'x', 'é', '.', '*', '**', '?', '/', ' ', '\\ ', '\\', '!', '#', '\\!', '\\#', '\\a', '\\*'],
  ...['[a]', '[a-b]', '[!a]', '[^b]', '[]a]', '[', ']', '{a,b}', '[[:alpha:]]', '[a', '\t', '/**', '**/', '/**/', '*/'],
);
/** Two stars beside something else are said to be ordinary ones; what git makes of them before a slash is not. */
const isDocumented = (line: string): boolean => !/[^/]\*{2,}|\*{2,}[^/]/u.test(line.replace(/^!/u, ''));
const line = fc
  .array(piece, { maxLength: 5 })
  .map((pieces) => pieces.join(''))
  .filter(isDocumented);
const rulesFile = fc
  .record({
    lines: fc.array(line, { minLength: 1, maxLength: 4 }),
    end: fc.constantFrom('\n', '\r\n'),
    isEnded: fc.boolean(),
    hasMark: fc.boolean(),
  })
  .map(({ lines, end, isEnded, hasMark }) =>
    Buffer.from(`${hasMark ? '\ufeff' : ''}${lines.join(end)}${isEnded ? end : ''}`),
  );

describe('what git ignores is ignored, and nothing else', () => {
  test.each([
    ['a rule that takes back', '*\n!a\n!d/\n'],
    ['a rule that takes back in an ignored folder', 'd/\n!d/a\n'],
    ['the last rule about a name decides', 'a*\n!ab\nab\n!ab\n'],
    ['an anchored rule', '/a\nd/b\n'],
    ['a rule for folders', 'a/\n'],
    ['two stars', '**/b\nd/**\n!d/a/**/c\na/**/c\n'],
    ['two stars that are none', 'a**\n**b\n'],
    ['escapes', '\\!a\n\\#a\na\\\\\na\\*\n\\[a\\]\n'],
    ['spaces at the end', 'b   \na\\ \n'],
    ['a tab at the end', 'b\t\n'],
    ['lines of Windows', '*.b\r\n!a.b\r\na b\r\n'],
    ['no last line end, after lines of Windows', 'b\r\na'],
    ['a mark of byte order', '\ufeffa\n'],
    ['classes', '[ab]\n[!a]b\n[[:punct:]]a\n'],
    ['a class that never ends', '[ab\n'],
    ['a backslash at the end', 'a\\\nb\n'],
    ['a slash that is escaped', 'd\\/a\\/**\n'],
    ['one at the beginning or the end', '\\/a\nd\\/\n!\\/b\n'],
    ['one after any number of folders', '**\\/b\nd/**\\/ab\n'],
    ['one after a backslash, and in a class', 'd/a\\\\/\nd\\\\/b\nx[\\/]c\n#\\/a\n'],
    ['comments and empty lines', '# a\n\n   \n#b\n\\#a\n'],
    ['braces are no alternatives', '{a,b}\n'],
    ['case matters', 'A\n'],
    ['letters beyond ASCII', 'é\n'],
  ])('%s', (_what, text) => {
    const texts = { '': Buffer.from(text) };
    expect(asHere(texts)).toEqual(asGit(texts));
  });

  test('a deeper file outdoes one above it', () => {
    const texts = { '': Buffer.from('a*\n/x/\n!b\n'), d: Buffer.from('!a\nb\n'), 'd/a': Buffer.from('/b\n!ab\n') };
    expect(asHere(texts)).toEqual(asGit(texts));
  });

  test('what a deeper file takes back it takes back with what is in it', () => {
    const texts = { '': Buffer.from('a\n*.b\n'), d: Buffer.from('!a/\n') };
    expect(asHere(texts)).toEqual(asGit(texts));
    expect(asHere(texts)).not.toContain('d/a/b');
    expect(asHere(texts)).toContain('d/a/a.b');
  });

  test('whatever the rules', () =>
    fc.assert(
      fc.property(rulesFile, fc.option(rulesFile), fc.option(rulesFile), (top, inner, innermost) => {
        const texts = {
          '': top,
          ...(inner === null ? {} : { d: inner }),
          ...(innermost === null ? {} : { 'd/a': innermost }),
        };
        // A class or a question mark is for one character here, and for one byte in git.
        const isComparable = (at: string): boolean =>
          !at.includes('é') || !Object.values(texts).some((bytes) => /[?[]/u.test(bytes.toString()));
        expect(asHere(texts).filter(isComparable)).toEqual(asGit(texts).filter(isComparable));
      }),
      { numRuns: 100 },
    ));
});
