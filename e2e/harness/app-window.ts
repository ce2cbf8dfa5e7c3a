import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from '@playwright/test';
import { findChromium } from '../../tools/test-run/chromium.mjs';
import { findFreePort } from '../../tools/command-line.ts';

const DESKTOP = fileURLToPath(new URL('../../apps/desktop', import.meta.url));
const LINE_PAUSE_MS = 100;

/** One line of what the app asked the system for. */
export interface Asked {
  readonly what: string;
  readonly value: unknown;
}

/** The desktop app's unmodified bundles on the stand-in for Electron. */
export interface AppWindow {
  /** The window that is open; waits for one. */
  page(): Promise<Page>;
  readonly asked: readonly Asked[];
  /** Plays the person at the tray, or a second start of the app. */
  say(words: { readonly click?: string; readonly start?: true }): void;
  /** Ends as a quit does, and gives the exit code. */
  quit(): Promise<number | null>;
  readonly ended: Promise<number | null>;
  isRunning(): boolean;
}

export function buildApp(): void {
  const vite = join(DESKTOP, '..', '..', 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const built = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: DESKTOP, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(built.stderr);
}

export async function openApp(home: string, data: string, env: NodeJS.ProcessEnv = {}): Promise<AppWindow> {
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
