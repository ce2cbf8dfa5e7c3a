import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EQUIVALENT } from './equivalent.ts';

test('every line that has a mutant no test can notice stands in its file', () => {
  for (const { file, line } of EQUIVALENT) {
    const source = readFileSync(new URL(`../../packages/engine/src/core/${file}.ts`, import.meta.url), 'utf8');
    const lines = source.split('\n').map((one) => one.trim());
    expect(lines, `${file}.ts`).toContain(line);
  }
});
