/*
 * `npm start`: an embedded server and two devices of one account with two folders that hold the same files.
 *
 *   DIR/server            the server's data             DIR/homes/laptop, DIR/homes/desktop   the devices' state
 *   DIR/laptop, /desktop  the two folders               DIR/kit.txt, DIR/password.txt         what a second device logs in with
 *   DIR/demo.json         written last: the set-up is whole, and a later start only goes on
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findFreePort, runOk, startService, type Service } from './command-line.ts';

const EMAIL = 'demo@onefold.example';
const DEVICES = ['laptop', 'desktop'] as const;
const TITLES = { laptop: 'Laptop', desktop: 'Desktop' } as const;

interface DemoOptions {
  readonly folder: string;
  readonly isJson: boolean;
  readonly opensBrowser: boolean;
}

interface DemoState {
  readonly port: number;
}

/** Undefined where the command line is not understood; stderr then says why. */
function readOptions(): DemoOptions | undefined {
  const values = parse();
  if (values === undefined) return undefined;
  return {
    folder: resolve(values.demo ?? fileURLToPath(new URL('../.onefold-demo', import.meta.url))),
    isJson: values.json,
    opensBrowser: !values['no-open'] && !values.json,
  };
}

function parse(): { readonly demo?: string; readonly 'no-open': boolean; readonly json: boolean } | undefined {
  try {
    return parseArgs({
      options: {
        demo: { type: 'string' },
        'no-open': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    process.stderr.write(`onefold: ${reason} (usage)\nnpm start -- [--demo DIR] [--no-open] [--json]\n`);
    return undefined;
  }
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return 2;
  const say = (line: string): void => void (options.isJson ? process.stderr : process.stdout).write(`${line}\n`);
  const services: Service[] = [];
  const ending = new AbortController();
  let askToEnd: (reason: 'signal' | 'died') => void = () => undefined;
  const ended = new Promise<'signal' | 'died'>((settle) => {
    askToEnd = settle;
  });
  process.on('SIGINT', () => askToEnd('signal'));
  process.on('SIGTERM', () => askToEnd('signal'));

  async function service(program: 'onefold' | 'onefold-server', args: readonly string[]): Promise<Service> {
    const started = await startService(program, args, { signal: ending.signal });
    services.push(started);
    void started.exited.then((code) => {
      if (!ending.signal.aborted) say(`${program} ended with ${String(code)}`);
      askToEnd('died');
    });
    return started;
  }

  const run = (async () => {
    await mkdir(options.folder, { recursive: true });
    const state = await readState(options.folder);
    const port = state?.port ?? (await findFreePort());
    const url = `http://127.0.0.1:${port}`;
    if (state === null) await clearUnfinished(options.folder);
    await service('onefold-server', ['--data', join(options.folder, 'server'), '--listen', `127.0.0.1:${port}`]);
    if (state === null) await setUp(options.folder, url, say, ending.signal);
    for (const device of DEVICES) await service('onefold', ['daemon', '--home', homeOf(options.folder, device)]);
    if (state === null) await writeState(options.folder, { port });
    await inStep(options.folder, ending.signal);
    const pages = await Promise.all(DEVICES.map((device) => pageOf(options.folder, device, ending.signal)));
    announce(options, url, pages, say);
  })();

  const first = await Promise.race([run.then(() => 'running' as const), ended]).catch((thrown: unknown) => {
    process.stderr.write(`onefold: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    return 'failed' as const;
  });
  const reason = first === 'running' ? await ended : first;
  // What is being started now would otherwise be missed below, and run on.
  ending.abort();
  await run.catch(() => undefined);
  // Devices before the server, so that none of them ends with a lost connection to report.
  for (const started of services.reverse()) await started.end('SIGTERM');
  return reason === 'signal' ? 0 : 1;
}

function homeOf(folder: string, device: (typeof DEVICES)[number]): string {
  return join(folder, 'homes', device);
}

async function readState(folder: string): Promise<DemoState | null> {
  const text = await readFile(join(folder, 'demo.json'), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as DemoState);
}

/** A state cut short would keep every later start from going on. */
async function writeState(folder: string, state: DemoState): Promise<void> {
  const file = join(folder, 'demo.json');
  await writeFile(`${file}.new`, `${JSON.stringify(state)}\n`, { flush: true });
  await rename(`${file}.new`, file);
}

/** A set-up that was cut short holds nobody's work yet: it is begun anew. Files in the two folders stay. */
async function clearUnfinished(folder: string): Promise<void> {
  const ours = ['server', 'homes', 'kit.txt', 'kit.txt.recovery', 'password.txt'];
  for (const device of DEVICES) ours.push(join(device, '.onefold'));
  for (const name of ours) await rm(join(folder, name), { recursive: true, force: true });
}

async function setUp(folder: string, url: string, say: (line: string) => void, signal: AbortSignal): Promise<void> {
  say('Making a demo account and two devices.');
  const passwordFile = join(folder, 'password.txt');
  await writeFile(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 });
  const kit = join(folder, 'kit.txt');
  for (const [index, device] of DEVICES.entries()) {
    await mkdir(join(folder, device), { recursive: true });
    const verb = index === 0 ? ['account', 'create'] : ['login'];
    const account = ['--server', url, '--email', EMAIL, '--password-file', passwordFile, '--kit', kit];
    const home = ['--home', homeOf(folder, device)];
    await runOk('onefold', [...verb, ...account, '--device-name', TITLES[device], ...home], { signal });
    await runOk('onefold', ['add', join(folder, device), ...home], { signal });
  }
}

/** Both devices, twice: what the second one sent in its turn has then reached the first. */
async function inStep(folder: string, signal: AbortSignal): Promise<void> {
  for (let round = 0; round < 2; round++) {
    for (const device of DEVICES) {
      // Attention (exit code 3) is for the page to show; anything else is a failure.
      await runOk('onefold', ['sync', '--wait', '--home', homeOf(folder, device)], { signal }).catch(
        (thrown: unknown) => {
          if (!String(thrown).includes('ended with 3')) throw thrown;
        },
      );
    }
  }
}

async function pageOf(folder: string, device: (typeof DEVICES)[number], signal: AbortSignal): Promise<string> {
  return (await runOk('onefold', ['ui', '--home', homeOf(folder, device)], { signal })).trim();
}

function announce(options: DemoOptions, server: string, ui: readonly string[], say: (line: string) => void): void {
  const folders = DEVICES.map((device) => join(options.folder, device));
  const homes = DEVICES.map((device) => homeOf(options.folder, device));
  if (options.isJson) {
    process.stdout.write(`${JSON.stringify({ event: 'ready', pid: process.pid, server, ui, homes, folders })}\n`);
    return;
  }
  say('');
  say('Two devices of one account are in step.');
  DEVICES.forEach((device, index) => {
    say(`  ${TITLES[device].padEnd(8)} folder ${folders[index] ?? ''}`);
    say(`           page   ${ui[index] ?? ''}`);
  });
  say(`  Server   ${server}`);
  say('');
  say(`Drop a file into ${folders[0] ?? ''} and see it arrive in ${folders[1] ?? ''}. Ctrl+C ends everything.`);
  if (options.opensBrowser && ui[0] !== undefined) openBrowser(ui[0]);
}

/** Opens the page where there is a desktop to open it on; a machine without one has the address above. */
function openBrowser(url: string): void {
  const isHeadless = process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'];
  if (isHeadless) return;
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['cmd', ['/c', 'start', '""', url]]
        : ['xdg-open', [url]];
  const opener = spawn(command, args, { stdio: 'ignore', detached: true });
  opener.on('error', () => undefined);
  opener.unref();
}

process.exitCode = await main();
