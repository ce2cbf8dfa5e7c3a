import { rm } from 'node:fs/promises';
import path from 'node:path';
import { OnefoldError } from '@onefold/protocol';
import { takeProcessLock } from '../disk/process-lock.ts';
import { dropFolder } from './add-folder.ts';
import type { DeletionArgs } from './core-account.ts';
import { startCoreOf, type DaemonCore } from './daemon-core.ts';
import { readRegistry } from './folder-registry.ts';
import { isHomeSetUp, openHome, type Home } from './home.ts';
import { createHomeSetup, suggestedFolder, type HomeSetup, type SetupState } from './home-setup.ts';
import { changeSettings, readSettings, type Settings, type SettingsChanges } from './settings.ts';

/** A command line may set the home up beside us. */
const LOOK_EVERY_MS = 1_000;

/*
 * A home and, as long as it has an account, the engine that keeps its folders. The home's lock is held all the while.
 *
 *   without account --(made, signed in, linked, here or by a command line)--> engine runs --signOut--> without account
 *   either --close--> closed
 */
export interface HomeEngine {
  /** Null as long as the home has no account. */
  core(): DaemonCore | null;
  setup(): SetupState;
  readonly steps: Omit<HomeSetup, 'state'>;
  /** Settings of a home without account: the way to a server may have to be set first. */
  settings(): Promise<Settings>;
  changeSettings(changes: SettingsChanges): Promise<Settings>;
  /** Ends the engine and takes the account's keys, state and markers off this machine. Nothing of the user's is touched. Throws `not-logged-in`. */
  signOut(): Promise<void>;
  /** Deletes the account, and then as signOut. Throws `not-logged-in`, or what the server says. */
  deleteAccount(args: DeletionArgs): Promise<void>;
  /** Called whenever `core` or `setup` says something else. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

/** Throws `daemon-running` when another process holds the home, `state-corrupt`. */
export async function openHomeEngine(options: {
  readonly home: string;
  readonly logToStderr?: boolean;
}): Promise<HomeEngine> {
  const home = await openHome(options.home);
  const lock = takeProcessLock(home.lockFile, 'daemon-running');
  const listeners = new Set<() => void>();
  let core: DaemonCore | null = null;
  let starting: Promise<void> | null = null;
  let isClosed = false;

  function changed(): void {
    for (const listener of [...listeners]) listener();
  }

  async function start(): Promise<void> {
    if (core !== null || isClosed || !(await isHomeSetUp(home.folder))) return;
    core = await startCoreOf(home, options.logToStderr === true, () => undefined);
    changed();
  }
  const startOnce = (): Promise<void> => (starting ??= start().finally(() => (starting = null)));

  const setup = createHomeSetup(home.folder, { onChange: changed, onSetUp: startOnce });
  const looking = setInterval(() => {
    // What cannot be opened is met again by whoever starts anew; here it stays without account.
    if (core === null) startOnce().catch(() => undefined);
  }, LOOK_EVERY_MS);
  looking.unref();

  async function close(): Promise<void> {
    isClosed = true;
    clearInterval(looking);
    await starting?.catch(() => undefined);
    if (core === null) await setup.stop().catch(() => undefined);
    await core?.close();
    lock.release();
  }

  function mustRun(): DaemonCore {
    if (core === null) throw new OnefoldError('not-logged-in', 'this home has no account yet');
    return core;
  }

  async function leave(running: DaemonCore): Promise<void> {
    await running.close();
    await forgetAccount(home);
    core = null;
    changed();
  }

  try {
    await startOnce();
  } catch (error) {
    clearInterval(looking);
    lock.release();
    throw error;
  }
  let closing: Promise<void> | null = null;
  return {
    core: () => core,
    setup: () => (core === null ? setup.state() : { kind: 'done', folder: suggestedFolder() }),
    steps: setup,
    settings: () => readSettings(home),
    changeSettings: (changes) => changeSettings(home, changes),
    signOut: () => leave(mustRun()),
    async deleteAccount(args) {
      const running = mustRun();
      await running.deleteAccount(args);
      await leave(running);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => (closing ??= close()),
  };
}

/**
 * Folders first: cut short, this leaves an account with fewer folders, never keys that no account owns. account.json goes before the keys, which
 * are overwritten by the next account.
 */
export async function forgetAccount(home: Home): Promise<void> {
  for (const folder of (await readRegistry(home)).folders) await dropFolder(home, folder.path);
  for (const name of ['account.json', 'device.key', 'chain.cbor', 'namespaces', 'folders.json'])
    await rm(path.join(home.folder, name), { recursive: true, force: true });
  // Makes what every home has.
  await openHome(home.folder);
}
