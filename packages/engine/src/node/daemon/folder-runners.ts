import { watchFile, unwatchFile } from 'node:fs';
import type { ActivityItem, Log, Power } from '../../ports.ts';
import type { AccountContext } from './account-context.ts';
import { changeRegistry, readRegistry, type KeptFolder, type Registry } from './folder-registry.ts';
import { createFolderRunner, type FolderRunner } from './folder-runner.ts';

const LOOK_MS = 1_000;

/** The runners of all kept folders: one for each on the list, whoever wrote it there. */
export interface FolderRunners {
  all(): readonly FolderRunner[];
  /** Everything is paused. */
  isPaused(): boolean;
  /** Brings the runners in step with the list. */
  reread(): Promise<void>;
  setPaused(folder: string | null, isPaused: boolean): Promise<void>;
  /** Keeps all of them still, whatever people paused. */
  setHeld(isHeld: boolean): Promise<void>;
  /** Stops one before it is taken off the list, so that its state can be removed. */
  stopOne(folder: KeptFolder): Promise<void>;
  close(): Promise<void>;
}

export async function openFolderRunners(
  context: AccountContext,
  surroundings: {
    readonly log: Log;
    readonly power: Power;
    readonly onStatus: () => void;
    readonly onActivity: (runner: FolderRunner, items: readonly ActivityItem[]) => void;
  },
): Promise<FolderRunners> {
  const { home } = context;
  const { log } = surroundings;
  const runners = new Map<string, FolderRunner>();
  let isPaused = false;
  let isHeld = false;
  let isClosed = false;
  let turn: Promise<unknown> = Promise.resolve();

  /** The list is read and acted upon by one at a time. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work, work);
    turn = result.catch(() => undefined);
    return result;
  }

  async function follow(registry: Registry): Promise<void> {
    if (isClosed) return;
    isPaused = registry.isPaused;
    const wanted = new Map(registry.folders.map((folder) => [folder.folderId, folder]));
    for (const [id, runner] of runners) {
      // How it is kept is said when it is opened.
      if (wanted.get(id)?.mode === runner.folder.mode && wanted.has(id)) continue;
      runners.delete(id);
      await runner.stop();
    }
    for (const [id, folder] of wanted) {
      const shouldPause = registry.isPaused || folder.isPaused;
      const known = runners.get(id);
      if (known === undefined) runners.set(id, start(folder, shouldPause));
      else if (known.isPaused() !== shouldPause) known.setPaused(shouldPause);
    }
    surroundings.onStatus();
  }

  function start(folder: KeptFolder, shouldPause: boolean): FolderRunner {
    const runner: FolderRunner = createFolderRunner(context, folder, {
      log,
      power: surroundings.power,
      isPaused: shouldPause,
      isHeld,
      onStatus: surroundings.onStatus,
      onActivity: (items) => surroundings.onActivity(runner, items),
    });
    return runner;
  }

  const reread = (): Promise<void> => inTurn(async () => follow(await readRegistry(home)));

  function look(): void {
    reread().catch((error: unknown) => log.write('error', 'folder-list-unreadable', { error }));
  }

  await reread();
  watchFile(home.foldersFile, { interval: LOOK_MS, persistent: false }, look);

  return {
    all: () => [...runners.values()],
    isPaused: () => isPaused,
    reread,
    setPaused: (folder, next) =>
      inTurn(async () => {
        const registry = await changeRegistry(home, (current) => {
          if (folder !== null)
            return {
              ...current,
              folders: current.folders.map((one) => (one.path === folder ? { ...one, isPaused: next } : one)),
            };
          // Resuming everything resumes what was paused by itself too: "resume" leaves nothing standing.
          const folders = next ? current.folders : current.folders.map((one) => ({ ...one, isPaused: false }));
          return { isPaused: next, folders };
        });
        await follow(registry);
      }),
    setHeld: (next) =>
      inTurn(async () => {
        isHeld = next;
        await Promise.all([...runners.values()].map((runner) => runner.setHeld(next)));
      }),
    stopOne: (folder) =>
      inTurn(async () => {
        const runner = runners.get(folder.folderId);
        runners.delete(folder.folderId);
        await runner?.stop();
      }),
    async close() {
      isClosed = true;
      unwatchFile(home.foldersFile, look);
      await inTurn(async () => {
        await Promise.all([...runners.values()].map((runner) => runner.stop()));
        runners.clear();
      });
    },
  };
}
