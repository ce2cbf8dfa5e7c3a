import { globSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function filesOf(configPath: string): string[] {
  const { config } = ts.readConfigFile(configPath, (path) => ts.sys.readFile(path)) as { config: object };
  return ts.parseJsonConfigFileContent(config, ts.sys, dirname(configPath)).fileNames;
}

test('every source file is in a program that `tsc -b` checks', () => {
  const checked = new Set(
    ['node', 'browser', 'pure'].flatMap((program) =>
      filesOf(join(ROOT, `tsconfig.${program}.json`)).map((path) => relative(ROOT, path).split(sep).join('/')),
    ),
  );
  const sources = globSync('{packages,apps,tools,bench,e2e}/**/*.{ts,tsx,mjs}', {
    cwd: ROOT,
    exclude: ['**/{node_modules,dist,out,assembly,test-results,playwright-report}/**'],
  }).map((path) => path.split(sep).join('/'));
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.filter((path) => !checked.has(path))).toEqual([]);
});

test('what is said to be pure is checked without the types of any system', () => {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.pure.json'), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  expect(config).toMatchObject({ compilerOptions: { types: [], lib: ['ES2024'] } });
  const program = ts.createProgram(filesOf(join(ROOT, 'tsconfig.pure.json')), {
    types: [],
    lib: ['lib.es2024.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
  });
  const own = program.getSourceFiles().map(({ fileName }) => fileName);
  expect(own.filter((path) => path.includes('@types/node') || path.endsWith('lib.dom.d.ts'))).toEqual([]);
  expect(own.some((path) => path.includes('packages/engine/src/core/'))).toBe(true);
});
