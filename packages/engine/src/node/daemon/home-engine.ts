import { rm } from 'node:fs/promises';
import path from 'node:path';
import { OnefoldError, toOnefoldError } from '@onefold/protocol';
import { writeDurably } from '../disk/durable-write.ts';
import { takeProcessLock } from '../disk/process-lock.ts';
import { dropFolder } from './add-folder.ts';
import type { DeletionArgs } from './core-account.ts';
import { startCoreOf, type DaemonCore } from './daemon-core.ts';
import { readRegistry } from './folder-registry.ts';
import { isHomeSetUp, openHome, type Home } from './home.ts';
import { noteServerAddress } from './move-server.ts';
import { createHomeSetup, suggestedFolder, type HomeSetup, type SetupState } from './home-setup.ts';
import { changeSettings, readSettings, type Settings, type SettingsChanges } from './settings.ts';

const SEALED_KEY_FILE = 'key.sealed';
/** A command line may set the home up beside us. */
const LOOK_EVERY_MS = 1_000;

/*
 * A home and, as long as it has an account, the engine that keeps its folders. The home's lock is held all the while.
 *
 *   without account --(made, signed in, linked, here or by a command line)--> engine runs --signOut--> without account
 *   engine runs --moveServer--> engine runs, at the other address
 *   with account, but sealed with a key we do not have: locked --signOut--> without account
 *   any --close--> closed
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
  /**
   * The account's server is at another address from now on: the engine begins anew there, once `onNoted` has noted it elsewhere.
   * Throws `not-logged-in`, `not-found` where the account is not there, or what the network says.
   */
  moveServer(address: string, onNoted?: () => Promise<void>): Promise<void>;
  /** Called whenever `core` or `setup` says something else. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

/** A home's key, as the system's key store has it. */
export interface HomeKey {
  readonly key: Uint8Array;
  /** What the key store gives `key` for. */
  readonly sealed: Uint8Array;
  /** False: the home is to be opened without it from now on. */
  readonly isWanted: boolean;
}

/** Throws `daemon-running` when another process holds the home, `state-corrupt`. */
export async function openHomeEngine(options: {
  readonly home: string;
  readonly logToStderr?: boolean;
  readonly key?: HomeKey;
}): Promise<HomeEngine> {
  const { key } = options;
  const home = await openHome(options.home, key?.isWanted === true ? key.key : null);
  const lock = takeProcessLock(home.lockFile, 'daemon-running');
  const listeners = new Set<() => void>();
  let core: DaemonCore | null = null;
  let starting: Promise<void> | null = null;
  let isClosed = false;
  let isLocked = false;

  function changed(): void {
    for (const listener of [...listeners]) listener();
  }

  async function start(): Promise<void> {
    if (core !== null || isClosed || !(await isHomeSetUp(home.folder))) return;
    try {
      await settleSeal(home, key);
      core = await startCoreOf(home, options, () => undefined);
      isLocked = false;
    } catch (thrown) {
      if (toOnefoldError(thrown).code !== 'home-locked') throw thrown;
      if (isLocked) return;
      isLocked = true;
    }
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
    setup() {
      if (core !== null) return { kind: 'done', folder: suggestedFolder() };
      return isLocked ? { kind: 'locked' } : setup.state();
    },
    steps: setup,
    settings: () => readSettings(home),
    changeSettings: (changes) => changeSettings(home, changes),
    async signOut() {
      if (!isLocked) return leave(mustRun());
      await forgetAccount(home);
      isLocked = false;
      changed();
    },
    async deleteAccount(args) {
      const running = mustRun();
      await running.deleteAccount(args);
      await leave(running);
    },
    async moveServer(address, onNoted) {
      const running = mustRun();
      const before = await noteServerAddress(home, address);
      await onNoted?.();
      await running.close();
      try {
        core = await startCoreOf(home, options, () => undefined);
      } catch (thrown) {
        await home.writeAccount(before);
        core = await startCoreOf(home, options, () => undefined);
        throw thrown;
      } finally {
        changed();
      }
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
  for (const name of ['account.json', 'device.key', SEALED_KEY_FILE, 'chain.cbor', 'namespaces', 'folders.json'])
    await rm(path.join(home.folder, name), { recursive: true, force: true });
  // Makes what every home has.
  await openHome(home.folder);
}

/** The sealed key is durable before anything is sealed with it, and goes when nothing is sealed any more: cut short anywhere, whoever has the key goes on. */
async function settleSeal(home: Home, key: HomeKey | undefined): Promise<void> {
  if (key === undefined) return;
  const file = path.join(home.folder, SEALED_KEY_FILE);
  if (key.isWanted) {
    await writeDurably(file, key.sealed);
    await home.sealSecrets();
  } else {
    await (await openHome(home.folder, key.key)).unsealSecrets();
    await rm(file, { force: true });
  }
}
