import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const DEMO = fileURLToPath(new URL('demo.ts', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-demo-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('an option it does not know is refused in words, without a stack', () => {
  const { status, stderr } = spawnSync(process.execPath, [DEMO, '--bogus'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain("'--bogus'");
  expect(stderr).not.toContain('    at ');
});

test('a signal while a device is starting ends the demo and that device', { timeout: 60_000 }, async () => {
  const demo = spawn(process.execPath, [DEMO, '--demo', folder, '--no-open', '--json'], { stdio: 'ignore' });
  const exited = new Promise<number | null>((resolve) => demo.on('exit', resolve));
  const laptop = join(folder, 'homes', 'laptop', 'daemon.pid');
  while (!existsSync(laptop) && demo.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
  demo.kill('SIGTERM');
  const timer = setTimeout(() => demo.kill('SIGKILL'), 15_000);
  expect(await exited).toBe(0);
  clearTimeout(timer);
  expect(existsSync(laptop)).toBe(false);
});
