import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const DOCUMENT = fileURLToPath(new URL('../docs/RELIABILITY.md', import.meta.url));
const SOURCES = fileURLToPath(new URL('../packages/engine/src/', import.meta.url));
/** `| ... | path/to/file.test.ts: name of the test |` */
const NAMED_TEST = /\| (?<file>[\w/.-]+\.test\.ts): (?<name>[^|]+?) \|$/u;

function namedTests(text: string): { file: string; name: string }[] {
  return text.split('\n').flatMap((line) => {
    const found = NAMED_TEST.exec(line)?.groups;
    return found === undefined ? [] : [{ file: found['file']!, name: found['name']! }];
  });
}

/** Names of tests whose file is missing, or does not have them. */
function missingTests(text: string): string[] {
  return namedTests(text)
    .filter(({ file, name }) => {
      if (!existsSync(SOURCES + file)) return true;
      const source = readFileSync(SOURCES + file, 'utf8');
      return ![`'${name}'`, `"${name}"`, `\`${name}\``].some((quoted) => source.includes(quoted));
    })
    .map(({ file, name }) => `${file}: ${name}`);
}

test('every test that the list of incidents names is there', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  expect(missingTests(text)).toEqual([]);
  expect(namedTests(text).length).toBeGreaterThan(30);
});

test('every row of the list names a test', () => {
  const [incidents = ''] = readFileSync(DOCUMENT, 'utf8').split('\n## Planted bugs\n');
  const rows = incidents.split('\n').filter((line) => line.startsWith('| ') && !line.endsWith('| test |'));
  expect(rows.filter((row) => !NAMED_TEST.test(row))).toEqual([]);
});

test('a test that is not there is missed', () => {
  const text =
    '| a | b | c | testing/incidents-bytes.sim.test.ts: no such test |\n| a | b | c | testing/none.test.ts: x |';
  expect(missingTests(text)).toHaveLength(2);
});
