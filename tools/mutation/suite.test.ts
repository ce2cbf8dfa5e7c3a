import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { testsOfCore } from './core-tests.ts';
import * as suite from './suite.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

test('the tests of core that mutants are held to ask for nothing of vitest that the runner does not have', () => {
  const files = testsOfCore(ROOT);
  expect(files.length).toBeGreaterThan(20);
  const asked = files.flatMap((file) => {
    const [, names = ''] = /import \{([^}]*)\} from 'vitest';/u.exec(readFileSync(`${ROOT}${file}`, 'utf8')) ?? [];
    return names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !(name in suite))
      .map((name) => `${file}: ${name}`);
  });
  expect(asked).toEqual([]);
});
