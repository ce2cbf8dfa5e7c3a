import { ERROR_REACTIONS, OnefoldError, toOnefoldError } from '@onefold/protocol';
import type { ActivityItem, Attention, Elsewhere, Log, Ports, Power, Sealing, Store } from '../../ports.ts';
import { createEngine, type Engine } from '../../sync/engine.ts';
import type { EngineOptions } from '../../sync/session.ts';
import type { EngineStatus } from '../../sync/status.ts';
import { createBlocks } from '../blocks/blocks.ts';
import { openDisk } from '../disk/disk.ts';
import { createKeyStore } from '../keys/key-store.ts';
import { openNamespace } from '../keys/namespace-access.ts';
import { createSealing } from '../keys/sealing.ts';
import { systemClock } from '../machine/clock.ts';
import { systemRandom } from '../machine/random.ts';
import { createRemote } from '../remote/remote.ts';
import { openStore } from '../state/store.ts';
import { createWatcher } from '../watcher/watcher.ts';
import type { AccountContext } from './account-context.ts';
import { forgetFormerDisk } from './locate-folder.ts';
import { ownName } from './own-name.ts';
import type { KeptFolder } from './folder-registry.ts';

/*
 * One kept folder and, as long as it can be had, the engine that keeps it:
 *
 *   opening --all parts there--> running --stop--> stopped
 *      |  ^                         |
 *      |  '--later, or hurried--.   | a thread ended, or the volume was mounted anew
 *      v                        |   v
 *   unavailable (folder missing, keys not here yet, state unreadable ...)
 */

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

export interface Running {
  readonly engine: Engine;
  readonly store: Store;
  readonly sealing: Sealing;
}

export interface FolderRunner {
  readonly folder: KeptFolder;
  /** Null while the folder cannot be had. */
  running(): Running | null;
  /** Why it cannot be had; null while it runs or is being opened. */
  problem(): { readonly code: Attention['code']; readonly message: string; readonly sinceMs: number } | null;
  status(): EngineStatus | null;
  isPaused(): boolean;
  /** The caller has written it into the list of kept folders. */
  setPaused(isPaused: boolean): void;
  /** Keeps it still though nobody paused it; `isPaused` does not tell of it. */
  setHeld(isHeld: boolean): Promise<void>;
  /** Tries again now, if it waits. */
  hurry(): void;
  /** Resolves when it runs, or rejects with the problem when it turns out that it cannot be opened. */
  opened(): Promise<Running>;
  stop(): Promise<void>;
  /** It was told to stop: another one may keep this folder, or none. */
  isStopped(): boolean;
}

export function createFolderRunner(
  context: AccountContext,
  folder: KeptFolder,
  surroundings: {
    readonly log: Log;
    readonly power: Power;
    readonly checkpoints: EngineOptions['checkpoints'];
    readonly isPaused: boolean;
    readonly isHeld: boolean;
    readonly onStatus: () => void;
    readonly onActivity: (items: readonly ActivityItem[]) => void;
    readonly elsewhere: Elsewhere;
  },
): FolderRunner {
  const { log } = surroundings;
  let current: Parts | null = null;
  let problem: ReturnType<FolderRunner['problem']> = null;
  let isPaused = surroundings.isPaused;
  let isHeld = surroundings.isHeld;
  let retry = new AbortController();
  let attempt = Promise.withResolvers<Running>();
  attempt.promise.catch(() => undefined);
  const stopping = new AbortController();

  const isStopping = (): boolean => stopping.signal.aborted;

  async function run(): Promise<void> {
    for (let failures = 0; !isStopping(); failures++) {
      try {
        current = await openParts(context, folder, surroundings);
        await setEnginePaused();
        await current.engine.start();
        problem = null;
        attempt.resolve(current);
        surroundings.onStatus();
        failures = 0;
        await Promise.race([current.lost, untilAborted(stopping.signal)]);
        if (isStopping()) return;
        throw new OnefoldError('file-busy', 'the folder is being opened anew');
      } catch (thrown) {
        await giveUp(toOnefoldError(thrown));
      }
      retry = new AbortController();
      const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 6));
      await systemClock.sleep(delayMs, AbortSignal.any([retry.signal, stopping.signal]));
    }
  }

  async function giveUp(error: OnefoldError): Promise<void> {
    await current?.close().catch(() => undefined);
    current = null;
    const isSame = problem?.code === error.code;
    problem = {
      code: error.code,
      message: error.message,
      sinceMs: isSame && problem !== null ? problem.sinceMs : Date.now(),
    };
    log.write('warn', 'folder-unavailable', { folderId: folder.folderId, code: error.code, message: error.message });
    attempt.reject(error);
    attempt = Promise.withResolvers<Running>();
    attempt.promise.catch(() => undefined);
    surroundings.onStatus();
  }

  async function setEnginePaused(): Promise<void> {
    if (current === null) return;
    if (isPaused || isHeld) await current.engine.pause();
    else await current.engine.resume();
  }

  const working = run();
  return {
    folder,
    running: () => current,
    problem: () => problem,
    status: () => current?.engine.status() ?? null,
    isPaused: () => isPaused,
    setPaused(next) {
      isPaused = next;
      // Bytes stop at once. What the state keeps of it may wait behind an import, and nobody need wait for that: the list of kept folders says it, too.
      setEnginePaused().catch((error: unknown) =>
        log.write('warn', 'pause-not-recorded', { folderId: folder.folderId, message: toOnefoldError(error).message }),
      );
    },
    async setHeld(next) {
      if (isHeld === next) return;
      isHeld = next;
      await setEnginePaused();
    },
    hurry: () => retry.abort(),
    isStopped: isStopping,
    opened: () => (current === null ? attempt.promise : Promise.resolve(current)),
    async stop() {
      stopping.abort();
      await working;
      await current?.close();
      current = null;
      attempt.reject(new OnefoldError('not-found', 'the folder is not synced any more'));
    },
  };
}

interface Parts extends Running {
  /** Resolves when the folder must be opened anew. */
  readonly lost: Promise<void>;
  close(): Promise<void>;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** A problem that goes away by itself and needs nobody. */
export function isPassing(code: Attention['code']): boolean {
  return ERROR_REACTIONS[code] === 'back-off' || ERROR_REACTIONS[code] === 'retry';
}

async function openParts(
  context: AccountContext,
  folder: KeptFolder,
  { log, power, checkpoints, elsewhere, onStatus, onActivity }: Parameters<typeof createFolderRunner>[2],
): Promise<Parts> {
  const { home, keys: account, session } = context;
  const closers: (() => Promise<void>)[] = [];
  async function close(): Promise<void> {
    for (const closer of closers.splice(0).reverse()) {
      await closer().catch((error: unknown) =>
        log.write('warn', 'close-failed', { message: toOnefoldError(error).message }),
      );
    }
  }
  try {
    const files = await openDisk(folder);
    closers.push(() => files.close());
    const store = await openStore(home.stateFile(folder.folderId));
    closers.push(() => store.close());
    await forgetFormerDisk(home, folder, store);
    if (store.isMadeAnew) log.write('warn', 'state-made-anew', { folderId: folder.folderId });
    const namespace = await openNamespace(home, account, session, folder.namespaceId);
    const { splitter } = namespace;
    const { namespaceId, splitterSecret, manifestSplitterSecret, blockIdKey, manifestBlockIdKey } = namespace.keys();
    const blocks = createBlocks({
      place: files.place,
      keys: {
        namespaceId,
        splitterSecret,
        manifestSplitterSecret,
        splitter,
        blockIdKey,
        manifestBlockIdKey,
        blockKey: (epoch) => namespace.keys().epoch(epoch).blockKey,
        manifestBlockKey: (epoch) => namespace.keys().epoch(epoch).manifestBlockKey,
      },
    });
    closers.push(() => blocks.close());
    const sealing = createSealing(account.secrets(), () => namespace.keys());
    const ports: Ports = {
      clock: systemClock,
      random: systemRandom,
      log,
      power,
      files,
      watcher: createWatcher({ place: files.place }),
      blocks,
      sealing,
      keys: createKeyStore(account, namespace),
      remote: createRemote(session, namespaceId),
      store,
      elsewhere,
    };
    const deviceName = ownName(context);
    const { folderId, mode = 'two-way' } = folder;
    const engine = createEngine(ports, {
      namespaceId,
      deviceName,
      folderId,
      mode,
      ...(checkpoints === undefined ? {} : { checkpoints }),
    });
    closers.push(() => engine.stop());
    engine.onStatus(onStatus);
    engine.onActivity(onActivity);
    return { engine, store, sealing, lost: Promise.race([files.lost, store.lost]), close };
  } catch (error) {
    await close();
    throw error;
  }
}
