import { ESLint } from 'eslint';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
// The rules look at types, so a planted text stands in the place of a file that the type check knows.
const [CORE, SYNC, NODE] = ['core', 'sync', 'node'].map((layer) => {
  const [file] = globSync(`packages/engine/src/${layer}/**/*.ts`, { cwd: ROOT, exclude: ['**/*.test.ts'] }).sort();
  return file ?? `packages/engine/src/${layer} has no file`;
}) as [string, string, string];

let eslint: ESLint;

beforeAll(() => {
  eslint = new ESLint({
    cwd: ROOT,
    // On a build server the parser would read each file from the disk instead of the planted text.
    overrideConfig: {
      files: ['**/*.ts'],
      languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } },
    },
  });
});

async function reported(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${code}\nexport {};\n`, { filePath: `${ROOT}/${filePath}` });
  return (result?.messages ?? []).map(({ ruleId, message }) => `${ruleId ?? 'none'}: ${message}`);
}

describe.each([CORE, SYNC])('in %s', (file) => {
  test.each([
    ['the time', 'export const now = Date.now();', 'Clock port'],
    ['a timer', 'setTimeout(() => undefined, 5);', 'Clock port'],
    ['chance', 'export const chance = Math.random();', 'Random port'],
    ['the network', `export const page = await fetch('https://example.org');`, 'Remote port'],
    ['a module for files', `import { readFileSync } from 'node:fs';\nreadFileSync('x');`, 'FileSystem'],
  ])('%s taken past its port is reported, and the port named', async (_what, code, port) => {
    expect(await reported(file, code)).toContainEqual(expect.stringMatching(`no-restricted-.*${port}`));
  });
});

describe('anywhere', () => {
  test.each([
    ['a promise nobody waits for', 'async function f(): Promise<void> {}\nf();', 'no-floating-promises'],
    ['any', 'export const x: any = 1;', 'no-explicit-any'],
    [
      'a type imported as a value',
      `import { Server } from 'node:net';\nexport type S = Server;`,
      'consistent-type-imports',
    ],
    ['a word to the console', `console.log('x');`, 'no-console'],
    ['export *', `export * from '../core/tree.ts';`, 'no-restricted-syntax'],
    ['a default export', 'export default 1;', 'no-restricted-syntax'],
  ])('%s is reported', async (_what, code, rule) => {
    expect(await reported(NODE, code)).toContainEqual(expect.stringContaining(rule));
  });

  test('strict code passes', async () => {
    const code = `
      import type { Server } from 'node:net';
      export function portOf(server: Server): number {
        const address = server.address();
        if (address === null || typeof address === 'string') throw new Error(\`no port of \${server.maxConnections}\`);
        return address.port;
      }`;
    expect(await reported(NODE, code)).toEqual([]);
  });
});
