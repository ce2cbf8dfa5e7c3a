import { describe, expect, it } from 'vitest';
import { createIgnoreRules, decidingRule } from './ignore.ts';

const texts = new Map([
  ['', '*.log\n!keep.log\nbuild/\n/top\n'],
  ['f', '!b.log\n# about f\n*.tmp\n'],
  ['f/g', '*.log\n'],
]);

describe('rules of several files', () => {
  const rules = createIgnoreRules(texts);

  it.each([
    ['a.log', true],
    ['x/a.log', true],
    ['keep.log', false],
    ['top', true],
    ['x/top', false],
    ['f/b.log', false],
    ['f/c.log', true],
    ['f/g/b.log', true],
    ['f/x.tmp', true],
    ['x.tmp', false],
    ['build/in/it', true],
    ['f/build/keep.log', true],
    ['.onefoldignore', false],
    ['f/.onefoldignore', false],
    ['a/.DS_Store', true],
    ['a/Thumbs.db/x', true],
    ['a/film.part', true],
  ])('a deeper file outdoes one above it, an ignored folder hides what is in it: %s', (path, expected) => {
    expect(rules(path, false)).toBe(expected);
  });

  it('a rule for folders leaves a file of that name alone', () => {
    expect(rules('build', true)).toBe(true);
    expect(rules('build', false)).toBe(false);
  });

  it('tells which rule decided, with its line', () => {
    expect(decidingRule(texts, 'f/c.log', false)).toEqual({ in: '', line: 1, pattern: '*.log', isIgnored: true });
    expect(decidingRule(texts, 'f/b.log', false)).toEqual({ in: 'f', line: 1, pattern: '!b.log', isIgnored: false });
    expect(decidingRule(texts, 'f/x.tmp', false)).toEqual({ in: 'f', line: 3, pattern: '*.tmp', isIgnored: true });
    expect(decidingRule(texts, 'f/~$a.doc', false)).toEqual({ in: null, line: 0, pattern: '~$*', isIgnored: true });
    expect(decidingRule(texts, 'f/plain', false)).toBe(null);
    expect(decidingRule(texts, 'build/x', false)).toMatchObject({ in: '', line: 3, isIgnored: true });
  });
});
