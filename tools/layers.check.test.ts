import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CRUISER = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs');
const FOLDERS = ['packages', 'apps', 'tools', 'bench', 'e2e'];

/** A file of each layer, where the rules must recognise it. */
const FILES = {
  protocol: 'packages/protocol/src/a.ts',
  journal: 'packages/journal/src/a.ts',
  chunker: 'packages/chunker/src/a.ts',
  control: 'packages/control/src/a.ts',
  vault: 'packages/vault/src/a.ts',
  launcher: 'packages/launcher/src/a.mjs',
  core: 'packages/engine/src/core/a.ts',
  ports: 'packages/engine/src/ports.ts',
  sync: 'packages/engine/src/sync/a.ts',
  node: 'packages/engine/src/node/a.ts',
  testing: 'packages/engine/src/testing/a.ts',
  server: 'apps/server/src/a.ts',
  cli: 'apps/cli/src/a.ts',
  'cli-engine': 'apps/cli/src/daemon.ts',
  'desktop-engine': 'apps/desktop/src/engine/a.ts',
  main: 'apps/desktop/src/main/a.ts',
  preload: 'apps/desktop/src/preload/a.ts',
  renderer: 'apps/desktop/src/renderer/a.tsx',
  decrypter: 'tools/decrypter/a.ts',
  engines: 'tools/engines/a.ts',
  demo: 'tools/demo.ts',
  bench: 'bench/a.ts',
  e2e: 'e2e/a.ts',
};

/** Who may import whom, as the architecture says it, written down a second time on purpose. */
const ALLOWED = `
  protocol ->
  journal -> protocol
  chunker -> protocol
  control -> protocol
  vault -> journal protocol
  launcher ->
  core -> protocol
  ports -> core journal protocol
  sync -> ports core journal protocol
  node -> sync ports core chunker vault journal protocol
  testing -> core ports sync node journal chunker protocol
  server -> journal protocol launcher
  cli -> control protocol launcher cli-engine
  cli-engine -> node vault control protocol cli
  desktop-engine -> node vault control
  main -> control
  preload -> control
  renderer -> control
  decrypter ->
  engines ->
  demo -> engines launcher
  bench -> demo engines chunker
  e2e -> demo engines
`;

interface Violation {
  from: string;
  to: string;
  rule: { name: string };
}

interface Cruise {
  modules: { source: string }[];
  summary: { violations: Violation[] };
}

function cruise(folder: string): Cruise {
  const args = [CRUISER, '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json', ...FOLDERS];
  const run = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.stdout === '') throw new Error(run.stderr);
  return JSON.parse(run.stdout) as Cruise;
}

let tree: string;

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'onefold-layers-'));
  for (const folder of FOLDERS) mkdirSync(join(tree, folder));
  plant('package.json', '{ "name": "planted", "private": true }');
});

afterEach(() => {
  rmSync(tree, { recursive: true });
});

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

function rulesBroken(): string[] {
  return cruise(tree).summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

function specifier(from: string, to: string): string {
  const path = relative(dirname(from), to).split(sep).join('/');
  return path.startsWith('.') ? path : `./${path}`;
}

describe('the layer rules', () => {
  test('every import between two layers is reported unless the architecture allows it', () => {
    for (const from of Object.values(FILES)) {
      const others = Object.values(FILES).filter((to) => to !== from);
      const imports = others.map((to) => `import '${specifier(from, to)}';`);
      plant(from, [...imports, 'export {};'].join('\n'));
    }
    const reported = new Set(
      cruise(tree)
        .summary.violations.filter(({ rule }) => rule.name === 'not-in-allowed')
        .map(({ from, to }) => `${from} -> ${to}`),
    );
    const wanted = new Set<string>();
    for (const line of ALLOWED.trim().split('\n')) {
      const [from = '', targets = ''] = line.split('->').map((part) => part.trim());
      for (const [to, path] of Object.entries(FILES)) {
        const source = FILES[from as keyof typeof FILES];
        if (to !== from && !targets.split(' ').includes(to)) wanted.add(`${source} -> ${path}`);
      }
    }
    expect([...reported].sort()).toEqual([...wanted].sort());
  });

  test('a cycle is reported, also one of types alone', () => {
    plant('packages/vault/src/a.ts', `import { b } from './b.ts';\nexport const a = (): unknown => b;`);
    plant('packages/vault/src/b.ts', `import { a } from './a.ts';\nexport const b = (): unknown => a;`);
    plant('packages/vault/src/c.ts', `import type { D } from './d.ts';\nexport type C = D[];`);
    plant('packages/vault/src/d.ts', `import type { C } from './c.ts';\nexport type D = C[];`);
    expect(rulesBroken().sort()).toEqual([
      expect.stringMatching(/^no-cycle: .*[ab]\.ts -> .*[ab]\.ts$/u),
      expect.stringMatching(/^no-cycle: .*[cd]\.ts -> .*[cd]\.ts$/u),
    ]);
  });

  test('an import past a package’s entry is reported', () => {
    plant('packages/protocol/src/ids.ts', 'export const id = 1;');
    plant('packages/journal/src/a.ts', `export { id } from '../../protocol/src/ids.ts';`);
    expect(rulesBroken()).toEqual(['entry-only: packages/journal/src/a.ts -> packages/protocol/src/ids.ts']);
  });

  test('the engine’s test world may be imported by its tests and by nothing that ships', () => {
    plant('packages/engine/src/testing/world.ts', 'export const world = 1;');
    plant('packages/engine/src/sync/a.test.ts', `import { world } from '../testing/world.ts';\nvoid world;`);
    plant('packages/engine/src/sync/a.ts', `import { world } from '../testing/world.ts';\nvoid world;`);
    const broken = rulesBroken();
    expect(broken).toContain(
      'testing-in-tests-only: packages/engine/src/sync/a.ts -> packages/engine/src/testing/world.ts',
    );
    expect(broken.filter((line) => line.includes('a.test.ts'))).toEqual([]);
  });

  test('a package that is not declared beside it, and a development package in what ships, are reported', () => {
    for (const name of ['declared', 'undeclared', 'for-tests']) {
      plant(`node_modules/${name}/package.json`, `{ "name": "${name}", "version": "1.0.0", "main": "index.js" }`);
      plant(`node_modules/${name}/index.js`, '');
    }
    plant(
      'packages/vault/package.json',
      '{ "name": "vault", "dependencies": { "declared": "1.0.0" }, "devDependencies": { "for-tests": "1.0.0" } }',
    );
    plant(
      'packages/vault/src/a.ts',
      `import 'declared';\nimport 'undeclared';\nimport 'for-tests';\nimport 'nowhere';`,
    );
    expect(rulesBroken().sort()).toEqual([
      'declared-packages-only: packages/vault/src/a.ts -> node_modules/undeclared/index.js',
      'no-development-package-in-product: packages/vault/src/a.ts -> node_modules/for-tests/index.js',
      'resolvable: packages/vault/src/a.ts -> nowhere',
    ]);
  });

  test('a pure package that reaches for the system is reported', () => {
    plant('packages/protocol/src/a.ts', `import { readFileSync } from 'node:fs';\nvoid readFileSync;`);
    plant('packages/engine/src/core/a.ts', `import { readFileSync } from 'node:fs';\nvoid readFileSync;`);
    plant('packages/engine/src/node/a.ts', `import { readFileSync } from 'node:fs';\nvoid readFileSync;`);
    expect(rulesBroken().sort()).toEqual([
      'pure: packages/engine/src/core/a.ts -> fs',
      'pure: packages/protocol/src/a.ts -> fs',
    ]);
  });
});

describe('the checked tree', () => {
  test('has every source file of the checkout, so that no rule passes by seeing nothing', () => {
    const seen = new Set(cruise(ROOT).modules.map(({ source }) => source));
    const sources = globSync(
      FOLDERS.map((folder) => `${folder}/**/*.{ts,tsx,mjs}`),
      { cwd: ROOT, exclude: ['**/{node_modules,dist,out,assembly,test-results,playwright-report}/**'] },
    );
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.map((path) => path.split(sep).join('/')).filter((path) => !seen.has(path))).toEqual([]);
  });
});
