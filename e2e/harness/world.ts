import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, run, runOk, startService, type Outcome, type Service } from '../../tools/command-line.ts';

/** What `onefold status --json` promises, and no more. */
export interface StatusJson {
  readonly state: 'idle' | 'syncing' | 'offline' | 'paused' | 'attention';
  readonly pending: number;
  readonly notYetSafe: number;
  readonly attention: readonly {
    readonly id: string;
    readonly code: string;
    readonly path: string;
    readonly message: string;
  }[];
  readonly folders: readonly {
    readonly path: string;
    readonly namespace: string;
    readonly files: number;
    readonly head: number;
  }[];
  readonly server: { readonly url: string; readonly connected: boolean };
}

export interface Device {
  readonly name: string;
  readonly home: string;
  readonly folder: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
  isRunning(): boolean;
  /** SIGSTOP or SIGCONT to its daemon, if one runs. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  status(): Promise<StatusJson>;
  syncWait(timeoutSeconds?: number): Promise<Outcome>;
  command(...args: string[]): Promise<Outcome>;
}

export interface World {
  readonly folder: string;
  readonly serverData: string;
  readonly serverUrl: string;
  /** `env` goes to the server alone. */
  startServer(env?: Readonly<Record<string, string>>): Promise<void>;
  killServer(): Promise<void>;
  stopServer(): Promise<void>;
  /** The first device makes the account, later ones log in. Not started. `serverUrl` may lead through a proxy; `folder` may lie elsewhere. */
  addDevice(name: string, serverUrl?: string, folder?: string): Promise<Device>;
  close(): Promise<void>;
}

/** A server and any number of devices of one account in a fresh temp folder, every part a process of its own. `onServerLine` gets the server's log. */
export async function createWorld(onServerLine?: (line: string) => void): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'onefold-e2e-'));
  const serverData = join(folder, 'server');
  const port = await findFreePort();
  const serverUrl = `http://127.0.0.1:${port}`;
  const passwordFile = join(folder, 'password.txt');
  const kit = join(folder, 'kit.txt');
  await writeFile(passwordFile, 'correct horse battery staple\n', { mode: 0o600 });
  const devices: Device[] = [];
  let server: Service | null = null;

  async function endServer(signal: NodeJS.Signals): Promise<void> {
    await server?.end(signal);
    server = null;
  }

  async function addDevice(name: string, url = serverUrl, at = join(folder, name)): Promise<Device> {
    const device = createDevice(name, folder, at);
    await mkdir(device.folder, { recursive: true });
    const verb = devices.length === 0 ? ['account', 'create'] : ['login'];
    const account = [
      '--server',
      url,
      '--email',
      'owner@onefold.example',
      '--password-file',
      passwordFile,
      '--kit',
      kit,
    ];
    await runOk('onefold', [...verb, ...account, '--device-name', name, '--home', device.home]);
    await runOk('onefold', ['add', device.folder, '--home', device.home]);
    devices.push(device);
    return device;
  }

  return {
    folder,
    serverData,
    serverUrl,
    async startServer(env = {}) {
      server = await startService('onefold-server', ['--data', serverData, '--listen', `127.0.0.1:${port}`], {
        env,
        ...(onServerLine === undefined ? {} : { onStderr: onServerLine }),
      });
    },
    killServer: () => endServer('SIGKILL'),
    stopServer: () => endServer('SIGTERM'),
    addDevice,
    async close() {
      for (const device of devices) await device.kill();
      await endServer('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A world with its server and two devices, running and in step. */
export async function createWorldOfTwo(): Promise<{ world: World; laptop: Device; desktop: Device }> {
  const world = await createWorld();
  try {
    await world.startServer();
    const laptop = await world.addDevice('Laptop');
    const desktop = await world.addDevice('Desktop');
    await laptop.start();
    await desktop.start();
    await settle([laptop, desktop]);
    return { world, laptop, desktop };
  } catch (error) {
    await world.close();
    throw error;
  }
}

function createDevice(name: string, folder: string, at: string): Device {
  const home = join(folder, 'homes', name);
  let daemon: Service | null = null;

  async function end(signal: NodeJS.Signals): Promise<void> {
    await daemon?.end(signal);
    daemon = null;
  }

  return {
    name,
    home,
    folder: at,
    async start() {
      daemon = await startService('onefold', ['daemon', '--home', home]);
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    isRunning: () => daemon?.isRunning() ?? false,
    signal(signal) {
      if (daemon?.isRunning() === true) process.kill(daemon.pid, signal);
    },
    async status() {
      return JSON.parse(await runOk('onefold', ['status', '--json', '--home', home])) as StatusJson;
    },
    syncWait: (timeoutSeconds = 300) =>
      run('onefold', ['sync', '--wait', '--timeout', String(timeoutSeconds), '--home', home]),
    command: (...args) => run('onefold', [...args, '--home', home]),
  };
}

/** Waits until every device is in step, in turn, as often as there are devices: what the last one sent has then reached the first. */
export async function settle(devices: readonly Device[], timeoutSeconds = 300): Promise<void> {
  for (let round = 0; round < devices.length; round++) {
    for (const device of devices) {
      const { code, stdout, stderr } = await device.syncWait(timeoutSeconds);
      if (code !== 0) throw new Error(`${device.name} is not in step (exit ${String(code)}): ${stdout}${stderr}`);
    }
  }
}

export async function pauseFor(delayMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
}
