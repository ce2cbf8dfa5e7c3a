import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../', import.meta.url));
const ENGINE = `${ROOT}packages/engine/src/`;
/** `| ... | path/to/file.test.ts: name of the test |` */
export const NAMED_TEST = /\| (?<file>[\w/.-]+\.(?:contract|test|spec)\.ts): (?<name>[^|]+?) \|$/u;

/** Paths are below the engine's sources, or begin with a folder of the repository that holds others. */
function fileOf(path: string): string {
  return (/^(?:apps|packages|e2e|tools)\//u.test(path) ? ROOT : ENGINE) + path;
}

/** The tests that the tables of a document name, a row each. */
export function namedTests(text: string): { file: string; name: string }[] {
  return text.split('\n').flatMap((line) => {
    const found = NAMED_TEST.exec(line)?.groups;
    return found === undefined ? [] : [{ file: found['file']!, name: found['name']! }];
  });
}

/** Names of tests whose file is missing, or does not have them. */
export function missingTests(text: string): string[] {
  return namedTests(text)
    .filter(({ file, name }) => {
      if (!existsSync(fileOf(file))) return true;
      const source = readFileSync(fileOf(file), 'utf8');
      return ![`'${name}'`, `"${name}"`, `\`${name}\``].some((quoted) => source.includes(quoted));
    })
    .map(({ file, name }) => `${file}: ${name}`);
}

/** Rows of tables that name no test; heads, whose last cell is `test`, are none. */
export function rowsWithoutTest(text: string): string[] {
  const rows = text.split('\n').filter((line) => line.startsWith('| ') && !line.endsWith('| test |'));
  return rows.filter((row) => !NAMED_TEST.test(row));
}
