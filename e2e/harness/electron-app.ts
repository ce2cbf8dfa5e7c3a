import { mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { _electron, type Page } from '@playwright/test';
import type { AppWindow, Asked } from './opened-app.ts';

const DESKTOP = fileURLToPath(new URL('../../apps/desktop', import.meta.url));
const WITNESS = fileURLToPath(new URL('electron-witness.cjs', import.meta.url));

/**
 * The desktop app in real Electron, its bundles unmodified.
 * @param executablePath of Electron itself
 * @param data where the app keeps its settings
 */
export async function openInElectron(
  executablePath: string,
  home: string,
  data: string,
  env: NodeJS.ProcessEnv,
): Promise<AppWindow> {
  await mkdir(data, { recursive: true });
  const running = await _electron.launch({
    executablePath,
    args: ['-r', WITNESS, DESKTOP, `--user-data-dir=${data}`, `--lang=${env['ONEFOLD_STAND_IN_LOCALE'] ?? 'en-GB'}`],
    cwd: DESKTOP,
    env: definedOnly({ ...process.env, ONEFOLD_HOME: home, ...env }),
  });
  const child = running.process();
  const asked: Asked[] = [];
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"what"')) asked.push(JSON.parse(line) as Asked);
    });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    asked,
    ended,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async page(): Promise<Page> {
      const page = await running.firstWindow();
      await page.waitForURL(/^onefold:/u);
      return page;
    },
    say: (words) =>
      void running.evaluate((_electronModule, said) => {
        (globalThis as unknown as { onefoldWitness(words: unknown): void }).onefoldWitness(said);
      }, words),
    async quit() {
      // The answer may not come: the process that would give it ends.
      await running.evaluate(({ app }) => app.quit()).catch(() => undefined);
      return ended;
    },
  };
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
