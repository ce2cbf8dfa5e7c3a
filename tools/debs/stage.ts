import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * A program of this repository as a tree that needs nothing beside it: the workspaces it is made of, the packages of the lock file it
 * depends on for one architecture, and Node.
 */

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Reads a package.json, the repository's own when no folder is named. */
export function readManifest(folder = '.'): Manifest {
  return JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Manifest;
}

function workspaceFolders(): string[] {
  const inside = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(ROOT, parent)).map((name) => join(parent, name)),
  );
  return [...inside, 'tools', 'bench', 'e2e'].filter((folder) => existsSync(join(ROOT, folder, 'package.json')));
}

/** The workspaces that one is made of, itself first; the launcher is run by path and so named by no package.json. */
export function workspacesOf(workspace: string): string[] {
  const byName = new Map(workspaceFolders().map((folder) => [readManifest(folder).name, folder]));
  const found = new Set([workspace, 'packages/launcher']);
  for (const folder of found)
    for (const name of Object.keys(readManifest(folder).dependencies ?? {})) {
      const inner = byName.get(name);
      if (inner !== undefined) found.add(inner);
    }
  return [...found];
}

/** What no program loads: tests and what only they use. */
const LEFT_OUT_OF_WORKSPACES = new Set(['node_modules', 'testing', 'fixtures', 'vectors', 'assembly', 'dist', 'out']);
const LEFT_OUT_OF_PACKAGES =
  /^(?:include|deps|binding\.gyp|CHANGELOG\.md|node-addon-api|tests?|__tests__|fixtures|bench|benchmarks?|examples?|\..*)$|\.(?:map|[cm]?ts|tsx|flow|md|markdown)$/iu;

function isPartOfWorkspace(path: string): boolean {
  const name = basename(path);
  return !LEFT_OUT_OF_WORKSPACES.has(name) && !/\.test\.tsx?$|\.snap$|^tsconfig|^\./u.test(name);
}

/** Maps, types and sources of what is compiled are for who builds it; binaries of other systems are for these. */
function isPartOfPackage(path: string, arch: string): boolean {
  const name = basename(path);
  const inside = path.slice(path.lastIndexOf('node_modules'));
  if (inside.startsWith('node_modules/better-sqlite3/src')) return false;
  if (inside.startsWith('node_modules/node-linux-') && name === 'share') return false;
  if (inside.includes('/prebuilds/')) return name === `linux-${arch}.node`;
  if (/^(?:licen[cs]e|notice|copying)/iu.test(name)) return true;
  return !LEFT_OUT_OF_PACKAGES.test(name) && !/\.test\.[cm]?js$/u.test(name);
}

/**
 * Fills `target` with the program of a workspace.
 * @param arch Node's name of an architecture of Linux with glibc
 * @throws {Error} with npm's own words where it fails
 */
export function stageProgram(workspace: string, arch: string, target: string): void {
  const parts = workspacesOf(workspace);
  for (const folder of parts)
    cpSync(join(ROOT, folder), join(target, folder), { recursive: true, filter: isPartOfWorkspace });
  const work = mkdtempSync(join(tmpdir(), 'onefold-stage-'));
  try {
    installPackages(workspace, arch, work);
    for (const folder of ['.', ...parts]) {
      const packages = join(work, folder, 'node_modules');
      if (!existsSync(packages)) continue;
      cpSync(packages, join(target, folder, 'node_modules'), {
        recursive: true,
        filter: (path) => !path.includes('/node_modules/@onefold') && isPartOfPackage(path, arch),
      });
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  linkWorkspaces(parts, target);
  mkdirSync(join(target, 'bin'));
  symlinkSync(join('..', 'node_modules', `node-linux-${arch}`, 'bin', 'node'), join(target, 'bin', 'node'));
}

function installPackages(workspace: string, arch: string, work: string): void {
  for (const name of ['package.json', 'package-lock.json']) cpSync(join(ROOT, name), join(work, name));
  // npm compares the lock file with every workspace it names.
  for (const folder of workspaceFolders()) {
    mkdirSync(join(work, folder), { recursive: true });
    cpSync(join(ROOT, folder, 'package.json'), join(work, folder, 'package.json'));
  }
  const system = ['--os=linux', `--cpu=${arch}`, '--libc=glibc'];
  const only = ['--omit=dev', '--ignore-scripts', `--workspace=${workspace}`, '--include-workspace-root'];
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  const { status, stderr, error } = spawnSync('npm', ['ci', ...system, ...only, ...quiet], {
    cwd: work,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ci of ${workspace} failed: ${error?.message ?? stderr.trim()}`);
}

function linkWorkspaces(parts: readonly string[], target: string): void {
  for (const folder of parts) {
    const link = join(target, 'node_modules', readManifest(folder).name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(relative(dirname(link), join(target, folder)), link);
  }
}
