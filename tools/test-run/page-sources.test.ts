import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashPageSources, PAGE_SOURCES, stalePage } from './page-sources.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
let root = '';

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'onefold-page-'));
  for (const source of PAGE_SOURCES) write(source.includes('.') ? source : `${source}/index.ts`, 'one');
});
afterEach(() => rmSync(root, { recursive: true }));

function build(): void {
  write('apps/desktop/dist/renderer/index.html', '');
  write('apps/desktop/dist/renderer-sources', hashPageSources(root));
}

test('a page that was just built is of today’s sources', () => {
  expect(stalePage(root)).toContain('not built');
  build();
  expect(stalePage(root)).toBeUndefined();
});

test.each(['apps/desktop/src/renderer/styles/new.css', 'packages/control/src/calls/index.ts', 'package-lock.json'])(
  'a change of %s makes it stale',
  (path) => {
    build();
    write(path, 'two');
    expect(stalePage(root)).toContain('older than its sources');
  },
);

test('a page that nobody noted the sources of is stale, a test that changes is no reason', () => {
  build();
  write('apps/desktop/src/renderer/page.spec.ts', 'two');
  write('apps/desktop/src/renderer/fixtures/scenes.ts', 'two');
  expect(stalePage(root)).toBeUndefined();
  rmSync(join(root, 'apps/desktop/dist/renderer-sources'));
  expect(stalePage(root)).toContain('nobody knows');
});

test('the specs of the page and of the whole product are held to it, and every build notes it', () => {
  for (const config of ['apps/desktop/playwright.config.ts', 'e2e/playwright.config.ts'])
    expect(readFileSync(join(ROOT, config), 'utf8')).toMatch(
      /globalSetup: '[./]*\/tools\/test-run\/page-sources\.mjs'/u,
    );
  expect(readFileSync(join(ROOT, 'apps/desktop/package.json'), 'utf8')).toMatch(
    /"build": "node \.\.\/\.\.\/tools\/test-run\/page-sources\.mjs vite build/u,
  );
});
