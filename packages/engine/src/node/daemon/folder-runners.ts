import { watchFile, unwatchFile } from 'node:fs';
import type { ActivityItem, Log, Power } from '../../ports.ts';
import type { EngineOptions } from '../../sync/session.ts';
import type { AccountContext } from './account-context.ts';
import {
  changeRegistry,
  notedPauses,
  notePauses,
  readRegistry,
  type KeptFolder,
  type Registry,
} from './folder-registry.ts';
import { createFolderRunner, type FolderRunner } from './folder-runner.ts';
import { createOtherFolders } from './other-folders.ts';
import { withPauses } from './pause-note.ts';

const LOOK_MS = 1_000;

/** The runners of all kept folders: one for each on the list, whoever wrote it there. */
export interface FolderRunners {
  all(): readonly FolderRunner[];
  /** Everything is paused. */
  isPaused(): boolean;
  /** Brings the runners in step with the list. */
  reread(): Promise<void>;
  /** Resolves when a restart would know it, which is before the disk has taken it and before work under way has ended. */
  setPaused(folder: string | null, isPaused: boolean): Promise<void>;
  /** Keeps all of them still, whatever people paused. */
  setHeld(isHeld: boolean): Promise<void>;
  /** Stops one, changes the list, and follows it: in one turn, so that nobody who reads the list meanwhile starts it again. */
  changeStopped<T>(folder: KeptFolder, change: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export async function openFolderRunners(
  context: AccountContext,
  surroundings: {
    readonly log: Log;
    readonly power: Power;
    readonly checkpoints: EngineOptions['checkpoints'];
    readonly onStatus: () => void;
    readonly onActivity: (runner: FolderRunner, items: readonly ActivityItem[]) => void;
  },
): Promise<FolderRunners> {
  const { home } = context;
  const { log } = surroundings;
  const runners = new Map<string, FolderRunner>();
  let known: Registry = { isPaused: false, folders: [] };
  /** Said, and not in the list yet. */
  let unlisted = notedPauses(home);
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
    const wanted = new Map(registry.folders.map((folder) => [folder.folderId, folder]));
    for (const [id, runner] of runners) {
      const folder = wanted.get(id);
      // How and where it is kept is said when it is opened.
      if (folder !== undefined && folder.mode === runner.folder.mode && folder.path === runner.folder.path) continue;
      runners.delete(id);
      await runner.stop();
    }
    // Stopping took its time: what was said meanwhile holds.
    known = withPauses(registry, unlisted);
    for (const folder of known.folders)
      if (!runners.has(folder.folderId)) runners.set(folder.folderId, start(folder, known.isPaused || folder.isPaused));
    pauseAsKnown();
    surroundings.onStatus();
  }

  function pauseAsKnown(): void {
    for (const { folderId, isPaused } of known.folders) {
      const runner = runners.get(folderId);
      const shouldPause = known.isPaused || isPaused;
      if (runner !== undefined && runner.isPaused() !== shouldPause) runner.setPaused(shouldPause);
    }
  }

  /** Has the list say what is noted. */
  function list(): Promise<void> {
    return inTurn(async () => {
      const taken = unlisted.length;
      const registry = await changeRegistry(home, (current) => withPauses(current, unlisted.slice(0, taken)));
      unlisted = unlisted.slice(taken);
      await follow(registry);
    });
  }

  function start(folder: KeptFolder, shouldPause: boolean): FolderRunner {
    const runner: FolderRunner = createFolderRunner(context, folder, {
      log,
      power: surroundings.power,
      checkpoints: surroundings.checkpoints,
      isPaused: shouldPause,
      isHeld,
      onStatus: surroundings.onStatus,
      onActivity: (items) => surroundings.onActivity(runner, items),
      elsewhere: createOtherFolders(folder.folderId, () => [...runners.values()]),
    });
    return runner;
  }

  const reread = (): Promise<void> => inTurn(async () => follow(await readRegistry(home)));

  function look(): void {
    reread().catch((error: unknown) => log.write('error', 'folder-list-unreadable', { error }));
  }

  function listLater(listed: Promise<void>): void {
    listed.catch((error: unknown) => log.write('warn', 'pause-not-listed', { error }));
  }

  await reread();
  if (unlisted.length > 0) listLater(list());
  watchFile(home.foldersFile, { interval: LOOK_MS, persistent: false }, look);

  return {
    all: () => [...runners.values()],
    isPaused: () => known.isPaused,
    reread,
    async setPaused(folder, isPaused) {
      const act = { folder, isPaused };
      unlisted = [...unlisted, act];
      known = withPauses(known, [act]);
      pauseAsKnown();
      surroundings.onStatus();
      const listed = list();
      try {
        notePauses(home, unlisted);
      } catch {
        return listed;
      }
      listLater(listed);
    },
    setHeld: (next) =>
      inTurn(async () => {
        isHeld = next;
        await Promise.all([...runners.values()].map((runner) => runner.setHeld(next)));
      }),
    changeStopped: (folder, change) =>
      inTurn(async () => {
        const runner = runners.get(folder.folderId);
        runners.delete(folder.folderId);
        await runner?.stop();
        try {
          return await change();
        } finally {
          await follow(await readRegistry(home));
        }
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
