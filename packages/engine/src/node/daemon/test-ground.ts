import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toOnefoldError } from '@onefold/protocol';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { createAccountOnServer, loginOnServer } from './set-up-home.ts';

/* For tests: the real server as the process a user starts, and homes on it. */

const SERVER = path.resolve(import.meta.dirname, '../../../../../apps/server/bin/onefold-server.mjs');
export const TEST_PASSWORD = 'correct horse battery staple';

export interface TestGround {
  /** A folder of this test alone. */
  readonly scratch: string;
  readonly url: string;
  /** A home on the test's account, set up. The first makes the account. */
  home(deviceName: string): Promise<string>;
  /** The Emergency Kit of the test's account. Throws before there is one. */
  kit(): string;
  /** Its recovery phrase. */
  phrase(): string;
  /** What a new device that logs in is told: `in`, or a code. */
  enter(password: string, kit: string): Promise<string>;
  killServer(): Promise<void>;
  restartServer(): Promise<void>;
  close(): Promise<void>;
}

/** `environment` goes to the server. */
export async function startTestGround(environment: Readonly<Record<string, string>> = {}): Promise<TestGround> {
  const scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'daemon-')));
  const data = path.join(scratch, 'server');
  let { child, port } = await startServer(data, 0, environment);
  const url = `http://127.0.0.1:${port}`;
  const email = 'ada@example.org';
  let kit: string | null = null;
  let phrase = '';
  let attempts = 0;

  async function killServer(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  return {
    scratch,
    url,
    async home(deviceName) {
      const home = path.join(scratch, `home-${deviceName}`);
      const input = { server: url, email, password: TEST_PASSWORD, deviceName, home };
      if (kit !== null) await loginOnServer({ ...input, kit });
      else {
        const saveKit = async (text: string, words: string): Promise<void> => {
          kit = text;
          phrase = words;
        };
        await createAccountOnServer({ ...input, saveKit });
      }
      return home;
    },
    kit() {
      if (kit === null) throw new Error('no home has made the account yet');
      return kit;
    },
    phrase: () => phrase,
    enter(password, text) {
      const home = path.join(scratch, `try-${attempts++}`);
      return loginOnServer({ server: url, email, password, kit: text, deviceName: 'New', home }).then(
        () => 'in',
        (error: unknown) => toOnefoldError(error).code,
      );
    },
    killServer,
    async restartServer() {
      await killServer();
      ({ child, port } = await startServer(data, port, environment));
    },
    async close() {
      await killServer();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/** Two devices of one account, a folder on each, running. */
export interface TwoDevices {
  readonly here: string;
  readonly there: string;
  readonly laptopHome: string;
  readonly laptop: DaemonCore;
  readonly desktop: DaemonCore;
  /** Waits until both are idle, each after what the other sent. Throws when one is not within `patienceMs`. */
  settle(patienceMs: number): Promise<void>;
  /** Ends both and the ground. */
  close(): Promise<void>;
}

export async function startTwoDevices(): Promise<TwoDevices> {
  const ground = await startTestGround();
  const here = path.join(ground.scratch, 'here');
  const there = path.join(ground.scratch, 'there');
  for (const folder of [here, there]) mkdirSync(folder);
  const laptopHome = await ground.home('Laptop');
  const laptop = await createDaemonCore({ home: laptopHome });
  const desktop = await createDaemonCore({ home: await ground.home('Desktop') });
  await laptop.add(here, null);
  await desktop.add(there, null);
  return {
    here,
    there,
    laptopHome,
    laptop,
    desktop,
    async settle(patienceMs) {
      for (const core of [laptop, desktop, laptop, desktop]) {
        const outcome = await core.syncWait(patienceMs, () => false);
        if (outcome !== 'idle') throw new Error(`${outcome}: ${JSON.stringify(core.status().attention)}`);
      }
    },
    async close() {
      await laptop.close();
      await desktop.close();
      await ground.close();
    },
  };
}

/** Waits for something that must happen. Throws when it has not after `patienceMs`. */
export async function until(what: () => boolean | Promise<boolean>, patienceMs: number): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while (!(await what())) {
    if (performance.now() > deadlineMs) throw new Error('it never happened');
    await sleep(25);
  }
}

async function startServer(
  data: string,
  port: number,
  environment: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [SERVER, '--data', data, '--listen', `127.0.0.1:${port}`, '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...environment },
  });
  let text = '';
  for await (const part of child.stdout) {
    text += String(part);
    const address = /http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
    if (address === null) continue;
    child.stdout.resume();
    return { child, port: Number(address[1]) };
  }
  throw new Error(`the server did not start: ${text}`);
}
