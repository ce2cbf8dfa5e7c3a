import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from '@playwright/test';
import { findChromium } from '../../tools/test-run/chromium.mjs';
import { findFreePort } from '../../tools/command-line.ts';
import { openInElectron } from './electron-app.ts';
import type { AppWindow, Asked } from './opened-app.ts';

const DESKTOP = fileURLToPath(new URL('../../apps/desktop', import.meta.url));
const LINE_PAUSE_MS = 100;

let isBuilt = false;

/** Once a run: the specs of one run see the same sources. */
export function buildApp(): void {
  if (isBuilt) return;
  const vite = join(DESKTOP, '..', '..', 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const built = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: DESKTOP, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(built.stderr);
  isBuilt = true;
}

/** Opens the app on the stand-in, or in the Electron that ONEFOLD_ELECTRON names. */
export async function openApp(home: string, data: string, env: NodeJS.ProcessEnv = {}): Promise<AppWindow> {
  const electron = process.env['ONEFOLD_ELECTRON'];
  if (electron !== undefined && electron !== '') return openInElectron(electron, home, data, env);
  await mkdir(data, { recursive: true });
  const port = await findFreePort();
  const child = spawn(process.execPath, ['--import', './stand-in/register.mjs', 'out/main/index.js'], {
    cwd: DESKTOP,
    env: {
      ...process.env,
      ONEFOLD_HOME: home,
      ONEFOLD_STAND_IN_DATA: data,
      ONEFOLD_STAND_IN_PORT: String(port),
      ONEFOLD_CHROMIUM: findChromium(),
      ...env,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const asked: Asked[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) asked.push(JSON.parse(line) as Asked);
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let browser: Promise<Browser> | null = null;
  return {
    asked,
    ended,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async page() {
      browser ??= connect(child, port);
      const connected = await browser;
      for (;;) {
        const page = connected.contexts().flatMap((context) => context.pages())[0];
        if (page?.url().startsWith('http://page.onefold.localhost/') === true) return page;
        await new Promise((resolve) => setTimeout(resolve, LINE_PAUSE_MS));
      }
    },
    say: (words) => void child.stdin.write(`${JSON.stringify(words)}\n`),
    quit() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** The browser opens with the first window. */
async function connect(child: ChildProcess, port: number): Promise<Browser> {
  while (child.exitCode === null) {
    try {
      return await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, LINE_PAUSE_MS));
    }
  }
  throw new Error('the app ended before its window opened');
}
