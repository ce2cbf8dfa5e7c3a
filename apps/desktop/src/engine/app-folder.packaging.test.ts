import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const DESKTOP = join(ROOT, 'apps', 'desktop');
const PARENT_PORT = new URL('fixtures/parent-port.mjs', import.meta.url).href;
const resolve = createRequire(import.meta.url).resolve;
const electronBuilder = join(dirname(resolve('electron-builder/package.json')), 'cli.js');
const electronVite = join(dirname(resolve('electron-vite/package.json')), 'bin', 'electron-vite.js');

let work: string;
let config: string;

/** Where Electron itself would be: as much of it as the builder looks at. Nothing here says that Electron runs. */
function standInElectron(): string {
  const folder = join(work, 'electron');
  for (const name of ['resources', 'locales']) mkdirSync(join(folder, name), { recursive: true });
  const binary = join(folder, 'electron');
  writeFileSync(binary, '#!/bin/sh\nexit 0\n');
  chmodSync(binary, 0o755);
  writeFileSync(join(folder, 'LICENSE'), '');
  const { version } = JSON.parse(readFileSync(resolve('electron/package.json'), 'utf8')) as { version: string };
  writeFileSync(join(folder, 'version'), version);
  return folder;
}

function run(script: string, args: readonly string[], cwd: string): void {
  const done = spawnSync(process.execPath, [script, ...args], { cwd, encoding: 'utf8' });
  expect([done.status, done.status === 0 ? '' : done.stdout + done.stderr]).toEqual([0, '']);
}

/** The files of an asar: its header is JSON behind four 32-bit lengths (github.com/electron/asar, "Format"). */
function filesOf(asar: string): Map<string, { size: number; unpacked: boolean }> {
  const bytes = readFileSync(asar);
  const header = JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12))) as AsarFolder;
  const files = new Map<string, { size: number; unpacked: boolean }>();
  const walk = (folder: AsarFolder, at: string): void => {
    for (const [name, entry] of Object.entries(folder.files)) {
      if ('files' in entry) walk(entry, `${at}${name}/`);
      else files.set(at + name, { size: entry.size, unpacked: entry.unpacked === true });
    }
  };
  walk(header, '');
  return files;
}

interface AsarFolder {
  readonly files: Readonly<Record<string, AsarFolder | { readonly size: number; readonly unpacked?: boolean }>>;
}

describe.skipIf(process.platform !== 'linux')('the app’s folder', () => {
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'onefold-app-folder-'));
    run(electronVite, ['build', '--logLevel', 'warn'], DESKTOP);
    config = readFileSync(join(ROOT, 'electron-builder.yml'), 'utf8');
    // Fuses are bits in Electron's own binary: there is none in a stand-in.
    const withoutFuses = config.replace(/^electronFuses:\n(?: .*\n)+/mu, '');
    expect(withoutFuses).not.toBe(config);
    writeFileSync(join(work, 'builder.yml'), withoutFuses);
    const places = [`-c.electronDist=${standInElectron()}`, `-c.directories.output=${join(work, 'out')}`];
    run(
      electronBuilder,
      ['--linux', 'dir', '--projectDir', ROOT, '--config', join(work, 'builder.yml'), ...places],
      ROOT,
    );
  });

  afterAll(() => rmSync(work, { recursive: true, force: true }));

  const resources = (): string => join(work, 'out', 'linux-unpacked', 'resources');

  test('holds what the app needs, the compiled parts outside of the archive', () => {
    const files = filesOf(join(resources(), 'app.asar'));
    const needed = [
      'package.json',
      'out/main/index.js',
      'out/main/engine.js',
      'out/main/disk-worker.js',
      'out/main/block-worker.js',
      'out/main/state-worker.js',
      'out/main/server-worker.js',
      'out/main/sqlite-thread.js',
      'out/preload/index.cjs',
      'dist/renderer/index.html',
      'icons/tray/idle.png',
      'icons/tray/attention@2x.png',
    ];
    for (const name of needed) expect([name, (files.get(name)?.size ?? 0) > 0]).toEqual([name, true]);
    const compiled = [...files].filter(([name]) => name.endsWith('.node'));
    expect(compiled.length).toBeGreaterThanOrEqual(2);
    for (const [name, { unpacked }] of compiled) {
      expect([name, unpacked]).toEqual([name, true]);
      expect(
        readFileSync(join(resources(), 'app.asar.unpacked', name))
          .subarray(1, 4)
          .toString(),
      ).toBe('ELF');
    }
  });

  test('holds nothing else: no sources, no maps, no tests, nothing of another system, nothing secret', () => {
    const names = [...filesOf(join(resources(), 'app.asar')).keys()];
    const astray = names.filter((name) =>
      /\.(?:ts|tsx|map|cc?|cpp|h|hpp|gyp|sqlite|key|pem|env|log)$|(?:^|\/)\.|\.test\.|(?:darwin|win32)-[^/]*\.node$/u.test(
        name,
      ),
    );
    expect(astray).toEqual([]);
    const tops = new Set(names.map((name) => name.split('/', 1)[0]));
    expect([...tops].sort()).toEqual(['dist', 'icons', 'node_modules', 'out', 'package.json']);
    const packages = names.filter((name) => name.startsWith('node_modules/')).map((name) => name.split('/')[1]);
    expect([...new Set(packages)].sort()).toEqual(['@node-rs', 'better-sqlite3', 'quickjs-wasi']);
  });

  test('runs from there: the engine opens with the compiled parts it was given', () => {
    const asar = createRequire(resolve('electron-builder/package.json')).resolve('@electron/asar');
    const unpacked = join(work, 'run');
    const extract = `const { extractAll } = await import(${JSON.stringify(pathToFileURL(asar).href)}); extractAll(${JSON.stringify(join(resources(), 'app.asar'))}, ${JSON.stringify(unpacked)});`;
    const extracted = spawnSync(process.execPath, ['--input-type=module', '-e', extract], { encoding: 'utf8' });
    expect([extracted.status, extracted.stderr]).toEqual([0, '']);
    const engine = join(unpacked, 'out', 'main', 'engine.js');
    const started = spawnSync(process.execPath, ['--import', PARENT_PORT, engine, '0.1.0'], {
      cwd: tmpdir(),
      env: { ...process.env, ONEFOLD_HOME: join(work, 'home') },
      encoding: 'utf8',
      timeout: 60_000,
    });
    // Without an account too it opens, for the page to make one, and ends when it is asked to.
    expect([started.status, started.stderr]).toEqual([0, '']);
    expect(readdirSync(join(work, 'home'))).not.toEqual([]);
    const probe = `const Database = (await import('better-sqlite3')).default; process.stdout.write(String(new Database(':memory:').prepare('select 41 + 1 as n').get().n));`;
    writeFileSync(join(unpacked, 'probe.mjs'), probe);
    const probed = spawnSync(process.execPath, [join(unpacked, 'probe.mjs')], { encoding: 'utf8' });
    expect([probed.stdout, probed.stderr]).toEqual(['42', '']);
  });

  test('is to be signed and hardened as the check-list says', () => {
    for (const fuse of [
      'runAsNode: false',
      'enableCookieEncryption: true',
      'enableNodeOptionsEnvironmentVariable: false',
      'enableNodeCliInspectArguments: false',
      'enableEmbeddedAsarIntegrityValidation: true',
      'onlyLoadAppFromAsar: true',
      'grantFileProtocolExtraPrivileges: false',
    ])
      expect(config).toContain(`  ${fuse}\n`);
    expect(config).toMatch(/^ {2}hardenedRuntime: true$/mu);
    expect(config).toMatch(/^ {2}perMachine: false$/mu);
  });
});

describe('the built bundles, against the security check-list', () => {
  const main = (): string => readFileSync(join(DESKTOP, 'out', 'main', 'index.js'), 'utf8');

  test('every window is sandboxed and apart from Node', () => {
    const windows = [...main().matchAll(/new BrowserWindow\(/gu)].length;
    for (const setting of ['sandbox: true', 'contextIsolation: true', 'nodeIntegration: false', 'webviewTag: false'])
      expect([setting, [...main().matchAll(new RegExp(setting, 'gu'))].length]).toEqual([setting, windows]);
    expect(main()).not.toMatch(
      /webSecurity|allowRunningInsecureContent|experimentalFeatures|enableBlinkFeatures|nodeIntegrationInWorker/u,
    );
    expect(main()).toContain('enableSandbox()');
  });

  test('nothing is opened outside but what the app names, and no page but ours is loaded', () => {
    expect([...main().matchAll(/openExternal\(([^)]*)\)/gu)].map(([, argument]) => argument)).toEqual([
      'ADDRESSES[link]',
    ]);
    expect(main()).toContain('setWindowOpenHandler(() => ({ action: "deny" }))');
    expect([...main().matchAll(/\.loadURL\(([^)]*)\)/gu)].map(([, argument]) => argument)).toEqual(['PAGE_URL']);
    expect(main()).not.toMatch(/\.loadFile\(|insertCSS|executeJavaScript/u);
  });

  test('the page’s own policy lets nothing in and runs nothing that is written into it', () => {
    expect(main()).toContain("default-src 'none'; script-src 'self'");
    expect(readFileSync(join(DESKTOP, 'dist', 'renderer', 'index.html'), 'utf8')).not.toMatch(
      /<script(?![^>]*\bsrc=)|\son\w+=|https?:\/\//u,
    );
  });

  test('Windows is told the id that its installer gives the program, or it shows no notification', () => {
    const [, appId = ''] = /^appId: (\S+)$/mu.exec(config) ?? [];
    expect(main()).toContain('setAppUserModelId(');
    expect(main()).toContain(`"${appId}"`);
  });

  test('the preload gives the page functions, never Electron itself', () => {
    const preload = readFileSync(join(DESKTOP, 'out', 'preload', 'index.cjs'), 'utf8');
    expect([...preload.matchAll(/exposeInMainWorld\(/gu)]).toHaveLength(1);
    expect(preload).not.toMatch(/exposeInMainWorld\([^)]*(?:ipcRenderer|electron)/u);
  });
});
