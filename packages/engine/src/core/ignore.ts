import createMatcher, { type Ignore } from 'ignore';
import { joinPath, lastName } from './names.ts';
import { plainSlashes } from './plain-slashes.ts';
import type { RelPath } from './tree.ts';

/** The rules file of a folder: about everything below it. It is synced like any other file. */
export const IGNORE_FILE = '.onefoldignore';
export const IGNORE_FILE_BYTES = 1024 * 1024;

/**
 * Never synced: what file managers and office programs strew about, unfinished downloads, and the product's own folder, which may have come
 * along with a copy of a kept folder.
 */
const BUILT_IN = /^(?:\.onefold|\.DS_Store|Thumbs\.db|desktop\.ini|~\$.*|.*\.part)$/s;
/** The same for people, as they would write it. */
export const BUILT_IN_PATTERNS: readonly string[] = [
  '.onefold',
  '.DS_Store',
  'Thumbs.db',
  'desktop.ini',
  '~$*',
  '*.part',
];

/** Case matters, and names that look relative are names. */
const SYNTAX = { ignorecase: false, allowRelativePaths: true };

/** Whether a path is left alone, on both sides. A path below an ignored folder is ignored too. */
export type IgnoreRules = (path: RelPath, isFolder: boolean) => boolean;

/** Texts of rules files by the folder they stand in, '' for the top. */
export type RuleTexts = ReadonlyMap<RelPath, string>;

/** The text of a rules file: UTF-8, without the mark of byte order that some editors put before it. */
export function readRuleText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The rule that decided about a path: from which folder's file, null for the built-in ones. */
export interface DecidingRule {
  readonly in: RelPath | null;
  /** From 1; 0 of a built-in one. */
  readonly line: number;
  readonly pattern: string;
  readonly isIgnored: boolean;
}

interface Matcher {
  readonly folder: RelPath;
  readonly text: string;
  /** The text as the matcher takes it. */
  readonly rules: string;
  readonly ignore: Ignore;
  /** For what is in a folder, by that folder, which this file alone would hide. */
  readonly within: Map<RelPath, Ignore>;
}

interface Decision {
  readonly matcher: Matcher;
  /** The path as that file has it. */
  readonly inside: string;
  readonly isIgnored: boolean;
}

/**
 * Rules from the texts of ignore files (gitignore syntax, case matters), besides the built-in ones. As in git a deeper file outdoes one
 * above it, and nothing in an ignored folder can be taken back in.
 */
export function createIgnoreRules(texts: RuleTexts): IgnoreRules {
  const matchers = createMatchers(texts);
  const folders = new Map<RelPath, boolean>();
  return (path, isFolder) => {
    if (path === '') return false;
    const names = path.split('/');
    if (matchers.length === 0) return names.some((name) => BUILT_IN.test(name));
    let at = '';
    for (const [i, name] of names.entries()) {
      at = joinPath(at, name);
      const isLast = i === names.length - 1;
      if (BUILT_IN.test(name)) return true;
      if (isLast && !isFolder) return decide(matchers, at, false)?.isIgnored === true;
      let known = folders.get(at);
      if (known === undefined) {
        known = decide(matchers, at, true)?.isIgnored === true;
        // Long enough for a scan, too short to grow without end.
        if (folders.size > 10_000) folders.clear();
        folders.set(at, known);
      }
      if (known) return true;
    }
    return false;
  };
}

/** Why a path is ignored, or is not though some rule is about it; null where no rule is. */
export function decidingRule(texts: RuleTexts, path: RelPath, isFolder: boolean): DecidingRule | null {
  const matchers = createMatchers(texts);
  let at = '';
  let last: DecidingRule | null = null;
  const names = path.split('/');
  for (const [i, name] of names.entries()) {
    at = joinPath(at, name);
    const builtIn = BUILT_IN_PATTERNS.find((pattern) => BUILT_IN.test(name) && isNamedBy(name, pattern));
    if (builtIn !== undefined) return { in: null, line: 0, pattern: builtIn, isIgnored: true };
    const found = decide(matchers, at, i < names.length - 1 || isFolder);
    last = found === null ? null : ruleOf(found);
    if (last?.isIgnored === true) return last;
  }
  return last;
}

function isNamedBy(name: string, pattern: string): boolean {
  if (pattern.startsWith('*')) return name.endsWith(pattern.slice(1));
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function createMatchers(texts: RuleTexts): Matcher[] {
  return [...texts]
    .map(([folder, text]) => {
      const rules = plainSlashes(text);
      return { folder, text, rules, ignore: createMatcher(SYNTAX).add(rules), within: new Map<RelPath, Ignore>() };
    })
    .sort((a, b) => b.folder.length - a.folder.length);
}

/** What the deepest file that says anything about this very path says. */
function decide(matchers: readonly Matcher[], path: RelPath, isFolder: boolean): Decision | null {
  if (!isFolder && lastName(path) === IGNORE_FILE) return null;
  for (const matcher of matchers) {
    const { folder } = matcher;
    if (folder !== '' && !path.startsWith(`${folder}/`)) continue;
    const inside = (folder === '' ? path : path.slice(folder.length + 1)) + (isFolder ? '/' : '');
    const { ignored, unignored } = matcherFor(matcher, inside).test(inside);
    if (ignored || unignored) return { matcher, inside, isIgnored: ignored };
  }
  return null;
}

/**
 * The matcher judges a path by the folders above it, too. They are known not to be ignored: where this file would ignore one, a deeper one has
 * taken it back, and what this one says of its contents is said by their own names.
 */
function matcherFor({ rules, ignore, within }: Matcher, inside: string): Ignore {
  const end = inside.lastIndexOf('/', inside.length - 2);
  const parent = inside.slice(0, end + 1);
  if (parent === '' || !ignore.test(parent).ignored) return ignore;
  const known = within.get(parent);
  if (known !== undefined) return known;
  const made = createMatcher(SYNTAX).add(rules).add(takenBack(parent));
  within.set(parent, made);
  return made;
}

/** Lines that take a folder and those above it back. */
function takenBack(folder: string): string[] {
  const literal = folder.replace(/[\\*?[\] ]/gu, '\\$&').replace(/[\r\n]/gu, '?');
  return [...literal.matchAll(/\//gu)].map(({ index }) => `!/${literal.slice(0, index + 1)}`);
}

/** The last line of the file that is about the path, one by one: only for people who ask. */
function ruleOf({ matcher, inside, isIgnored }: Decision): DecidingRule {
  const lines = matcher.text.split(/\r?\n/u);
  const line = lines.findLastIndex((one) => {
    const { ignored, unignored } = createMatcher(SYNTAX).add(plainSlashes(one)).test(inside);
    return isIgnored ? ignored : unignored;
  });
  return { in: matcher.folder, line: line + 1, pattern: lines[line]!.trim(), isIgnored };
}

/** Only the last name is looked at: enough where everything above is known not to be ignored. */
export function isBuiltInIgnored(path: RelPath): boolean {
  return BUILT_IN.test(lastName(path));
}
