import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';

const DESKTOP = fileURLToPath(new URL('../..', import.meta.url));
const PARENT_PORT = new URL('fixtures/parent-port.mjs', import.meta.url).href;
const builder = join(
  dirname(createRequire(import.meta.url).resolve('electron-vite/package.json')),
  'bin',
  'electron-vite.js',
);

function read(path: string): string {
  return readFileSync(join(DESKTOP, 'out', path), 'utf8');
}

/** What a bundle takes from outside of itself. */
function outsideOf(code: string): string[] {
  const named = [...code.matchAll(/^import (?:[^"';]* from )?["']([^"']+)["'];?$|\brequire\("([^"]+)"\)/gmu)];
  return [...new Set(named.map(([, imported, required]) => imported ?? required ?? ''))].filter(
    (name) => !isBuiltin(name),
  );
}

describe('the desktop bundles', () => {
  beforeAll(() => {
    rmSync(join(DESKTOP, 'out'), { recursive: true, force: true });
    const build = spawnSync(process.execPath, [builder, 'build', '--logLevel', 'warn'], {
      cwd: DESKTOP,
      encoding: 'utf8',
    });
    expect([build.status, build.stderr]).toEqual([0, expect.not.stringContaining('Error')]);
  });

  test('a sandboxed preload needs nothing but electron', () => {
    expect(outsideOf(read('preload/index.cjs'))).toEqual(['electron']);
    expect(readdirSync(join(DESKTOP, 'out', 'preload'))).toEqual(['index.cjs']);
  });

  test('main and engine need nothing but electron and what is compiled', () => {
    const allowed = new Set(['electron', 'better-sqlite3', '@node-rs/argon2', 'quickjs-wasi']);
    const files = readdirSync(join(DESKTOP, 'out', 'main'));
    expect(files).toEqual(
      expect.arrayContaining([
        'index.js',
        'engine.js',
        'disk-worker.js',
        'block-worker.js',
        'state-worker.js',
        'pac-worker.js',
        'server-worker.js',
        'sqlite-thread.js',
      ]),
    );
    for (const file of files) {
      const beside = outsideOf(read(`main/${file}`)).filter((name) => name.startsWith('./'));
      expect(beside.filter((name) => !files.includes(name.slice(2)))).toEqual([]);
    }
    expect(outsideOf(read('main/index.js')).filter((name) => !name.startsWith('./'))).toEqual(['electron']);
    const engine = files.filter((file) => file !== 'index.js').flatMap((file) => outsideOf(read(`main/${file}`)));
    // Some packages ask for an optional one inside a try; ajv can write a module of its checks, whose text names what it would need.
    const unmet = ['bufferutil', 'utf-8-validate', 'ajv/dist/runtime/validation_error', 'ajv-formats/dist/formats'];
    const foreign = engine.filter((name) => !name.startsWith('./') && !allowed.has(name));
    expect(foreign.filter((name) => !unmet.includes(name))).toEqual([]);
    expect(engine).not.toContain('electron');
  });

  test('the server on this computer comes without what only a server of many nodes speaks', () => {
    const files = readdirSync(join(DESKTOP, 'out', 'main'));
    // Words of the protocols of S3, PostgreSQL and Redis.
    const words = /AWS4-HMAC-SHA256|SCRAM-SHA-256|XAUTOCLAIM/u;
    expect(files.filter((file) => words.test(read(`main/${file}`)))).toEqual([]);
  });

  test('the engine’s bundle runs in a home without an account, and ends when it is asked to', () => {
    const home = mkdtempSync(join(tmpdir(), 'onefold-bundle-'));
    try {
      const engine = pathToFileURL(join(DESKTOP, 'out', 'main', 'engine.js'));
      const run = spawnSync(process.execPath, ['--import', PARENT_PORT, fileURLToPath(engine), '0.1.0'], {
        env: { ...process.env, ONEFOLD_HOME: home },
        encoding: 'utf8',
        timeout: 60_000,
      });
      expect([run.status, run.stderr]).toEqual([0, '']);
      expect(readdirSync(home)).not.toEqual([]);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
