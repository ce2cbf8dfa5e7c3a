import { describe, expect, it } from 'vitest';
import { createIgnoreRules, decidingRule, IGNORE_FILE, IGNORE_FILE_BYTES, isBuiltInIgnored } from './ignore.ts';

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
    expect(rules('built', true)).toBe(false);
    expect(decidingRule(texts, 'build', true)).toMatchObject({ in: '', line: 3, isIgnored: true });
    expect(decidingRule(texts, 'build', false)).toBeNull();
  });

  it('a rule that begins with a slash is about the folder of its file alone', () => {
    const anchored = createIgnoreRules(new Map([['f', '/only']]));
    expect(['f/only', 'f/a/only', 'only', 'f/y'].map((path) => anchored(path, false))).toEqual([
      true,
      false,
      false,
      false,
    ]);
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

describe('the rule that decided', () => {
  const decided = (text: string, path: string) => decidingRule(new Map([['', text]]), path, false);

  it('is the folder’s, whatever a file in it says', () => {
    const inside = new Map([...texts, ['build', '!x']]);
    expect(decidingRule(inside, 'build/x', false)).toMatchObject({ in: '', line: 3, pattern: 'build/' });
  });

  it.each([
    ['.onefold', '.onefold'],
    ['.DS_Store', '.DS_Store'],
    ['Thumbs.db', 'Thumbs.db'],
    ['desktop.ini', 'desktop.ini'],
    ['~$letter.docx', '~$*'],
    ['.DS_Store.part', '*.part'],
    ['~x.part', '*.part'],
  ])('of %s is built in: %s', (name, pattern) =>
    expect(decided('', name)).toEqual({ in: null, line: 0, pattern, isIgnored: true }),
  );

  it.each([
    ['the last of several', '*.log\na*\n# a.log\n\nb*', 2, 'a*', true],
    ['written in this case', '*.log\n*.LOG', 1, '*.log', true],
    ['without the spaces after it, on its line of a file from Windows', '\r\n*.log  \r\n', 2, '*.log', true],
    ['one that takes back, not one that merely holds its sign', '*\n!a.log\na!.log', 2, '!a.log', false],
    ['one that takes back, not one that leaves out another', '*\n!a.log\nxa.log', 2, '!a.log', false],
    ['one that leaves out, not one that took back before', '!a.log\na*', 2, 'a*', true],
  ])('is %s', (_name, text, line, pattern, isIgnored) =>
    expect(decided(text, 'a.log')).toEqual({ in: '', line, pattern, isIgnored }),
  );
});

const rulesOf = (text: string) => createIgnoreRules(new Map([['', text]]));

const BUILT_IN = [
  '.onefold',
  '.DS_Store',
  'Thumbs.db',
  'desktop.ini',
  '~$letter.docx',
  '~$',
  'film.part',
  '.part',
  'a\nb.part',
];
const OTHERS = [
  'x.DS_Store',
  '.DS_Store2',
  'thumbs.db',
  'Thumbs.dbx',
  'desktop.ini.bak',
  'a~$b',
  '~x',
  'part',
  'a.partial',
  'a.parts',
  'DS_Store',
];

it('what file managers and office programs strew about is ignored anywhere', () => {
  const rules = rulesOf('');
  for (const name of BUILT_IN) {
    expect(rules(name, false), name).toBe(true);
    expect(rules(`a/${name}`, true), name).toBe(true);
    expect(rules(`${name}/below`, false), name).toBe(true);
    expect(isBuiltInIgnored(`a/${name}`), name).toBe(true);
    expect(isBuiltInIgnored(name), name).toBe(true);
  }
  for (const name of OTHERS) {
    expect(rules(name, false), name).toBe(false);
    expect(isBuiltInIgnored(name), name).toBe(false);
  }
  expect(isBuiltInIgnored('film.part/a')).toBe(false);
});

it('is so without any rules, too', () => {
  const rules = createIgnoreRules(new Map());
  for (const name of BUILT_IN) {
    expect(rules(`a/${name}`, false), name).toBe(true);
    expect(rules(`${name}/below`, false), name).toBe(true);
  }
  for (const name of OTHERS) expect(rules(`a/${name}`, false), name).toBe(false);
});

it.each(['a*', 'a?', 'a\\b', '[a]', 'a b', 'a\nb', 'a\rb'])(
  'a folder that is taken back keeps what is in it: %j',
  (name) => {
    const rules = createIgnoreRules(
      new Map([
        ['', 'd/*\n'],
        ['d', '!/*\n'],
      ]),
    );
    expect(rules(`d/${name}`, true)).toBe(false);
    expect(rules(`d/${name}/f`, false)).toBe(false);
  },
);

it('the root and the rules themselves never are', () => {
  const rules = rulesOf('*\n');
  expect(rules('', true)).toBe(false);
  expect(rules('.onefoldignore', false)).toBe(false);
  expect(rules(`a/${IGNORE_FILE}`, false)).toBe(true);
  expect(rules('a', false)).toBe(true);
});

it('the syntax is that of gitignore, and case matters', () => {
  const rules = rulesOf('*.log\n!keep.log\nbuild/\n/top\n# no rule\n');
  expect(rules('a.log', false)).toBe(true);
  expect(rules('A.LOG', false)).toBe(false);
  expect(rules('keep.log', false)).toBe(false);
  expect(rules('build', true)).toBe(true);
  expect(rules('build', false)).toBe(false);
  expect(rules('build/x', false)).toBe(true);
  expect(rules('top', false)).toBe(true);
  expect(rules('a/top', false)).toBe(false);
  expect(rules('# no rule', false)).toBe(false);
});

it('names that look relative are names', () => {
  expect(rulesOf('x\n')('../x', false)).toBe(true);
});

it('an empty file has no rules', () => {
  for (const text of ['', '  \n']) expect(rulesOf(text)('a', false)).toBe(false);
});

it('rules may be a mebibyte long', () => expect(IGNORE_FILE_BYTES).toBe(1_048_576));
