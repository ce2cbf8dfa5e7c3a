import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { pidPath, resolveHome, withDaemon } from '@onefold/host';
import { OnefoldError } from '@onefold/protocol';
import { openInBrowser } from '../open-browser.ts';
import { homeOption, jsonOption } from '../options.ts';
import { setExitCode } from '../run-program.ts';

interface DaemonOptions {
  readonly home?: string;
  readonly json?: boolean;
}

/** How long `stop` waits for the daemon to be gone. */
const STOP_TIMEOUT_MS = 30_000;

export function addDaemonCommands(program: Command): void {
  program
    .command('daemon')
    .description('sync in the foreground until stopped')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(async (options: DaemonOptions) => {
      // The engine is loaded only where it runs: the other commands answer at once.
      const { runDaemon } = await import('../daemon.ts');
      setExitCode(await runDaemon(resolveHome(options.home), options.json === true));
    });
  program
    .command('stop')
    .description('end the daemon of this home')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(stop);
  program
    .command('ui')
    .description("open the daemon's own page in the browser, and print an address of it that works once")
    .option('--no-open', 'only print the address')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(showPage);
}

async function showPage(options: DaemonOptions & { readonly open: boolean }): Promise<void> {
  const home = resolveHome(options.home);
  // Programs read what is printed elsewhere than on a terminal: they open the page themselves.
  const isForPerson = options.json !== true && process.stdout.isTTY;
  await withDaemon(home, async (client) => {
    const { url } = await client.call('uiUrl', {});
    process.stdout.write(options.json === true ? `${JSON.stringify({ url })}\n` : `${url}\n`);
    if (!isForPerson || !options.open) return;
    // An address of its own: the one that is printed still works when this one does not come through.
    const { url: forBrowser } = await client.call('uiUrl', {});
    if (await openInBrowser(forBrowser, home))
      process.stdout.write('Opened in your browser. Should nothing appear there, open the address above.\n');
  });
}

async function stop(options: DaemonOptions): Promise<void> {
  const home = resolveHome(options.home);
  const pid = Number((await readFile(pidPath(home), 'utf8').catch(() => '')).trim());
  await withDaemon(home, (client) => client.call('stop', {}));
  const deadlineMs = performance.now() + STOP_TIMEOUT_MS;
  while (pid > 0 && isAlive(pid)) {
    if (performance.now() > deadlineMs) throw new OnefoldError('timeout', `the daemon (pid ${pid}) is still ending`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  process.stdout.write(options.json === true ? `${JSON.stringify({ stopped: true })}\n` : 'Stopped.\n');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
