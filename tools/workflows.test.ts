// The workflows cannot run here: what can be known of them without running is held.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WORKFLOWS = join(ROOT, '.github', 'workflows');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
}
interface Job {
  readonly needs?: readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const read = (name: string): Workflow => parse(readFileSync(join(WORKFLOWS, name), 'utf8')) as Workflow;
const stepsOf = ({ jobs }: Workflow): Step[] => Object.values(jobs).flatMap(({ steps }) => steps);

function scriptsOf(folder: string): string[] {
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as {
    scripts?: Record<string, string>;
  };
  return Object.keys(manifest.scripts ?? {});
}

describe.each(readdirSync(WORKFLOWS))('%s', (name) => {
  test('takes every action at one commit, never at a tag that may move', () => {
    const used = stepsOf(read(name)).flatMap(({ uses }) => (uses === undefined ? [] : [uses]));
    expect(used.length).toBeGreaterThan(0);
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/u);
  });

  test('may read and no more, but for a job that says otherwise', () => {
    const { permissions, jobs } = read(name);
    expect(permissions).toEqual({ contents: 'read' });
    for (const [job, { permissions: own, needs = [] }] of Object.entries(jobs)) {
      if (own !== undefined) expect([job, needs.length > 0]).toEqual([job, true]);
      for (const other of needs) expect(Object.keys(jobs)).toContain(other);
    }
  });

  test('runs scripts and files that exist', () => {
    const lines = stepsOf(read(name)).flatMap(({ run = '' }) => run.split('\n'));
    let seen = 0;
    for (const line of lines) {
      const script = /npm run ([\w:-]+)(?: --workspace (\S+))?/u.exec(line);
      if (script !== null) {
        const folder = script[2] === undefined ? '.' : script[2].replace('@onefold/', 'apps/');
        expect(scriptsOf(folder)).toContain(script[1]);
        seen += 1;
      }
      for (const [, path = ''] of line.matchAll(
        /(?:^|\s)((?:\.ci|tools|node_modules\/electron)\/[\w./-]*(?:run|js|mjs))(?:\s|$)/gu,
      )) {
        expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
        seen += 1;
      }
    }
    expect(seen).toBeGreaterThan(1);
  });
});

test('a release runs the whole of the tests and real Electron before anything is laid out', () => {
  const { jobs } = read('release.yml');
  expect(jobs['draft']?.needs).toEqual(['tests', 'app']);
  const lines = (job: string): string => (jobs[job]?.steps ?? []).map(({ run = '' }) => run).join('\n');
  expect(lines('tests')).toContain('.ci/run');
  const app = lines('app');
  expect(app.indexOf('npm run e2e:electron')).toBeGreaterThan(-1);
  expect(app.indexOf('npm run e2e:electron')).toBeLessThan(app.indexOf('npx electron-builder'));
  expect(lines('draft')).toContain('--draft');
});
