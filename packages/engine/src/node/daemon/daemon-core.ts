import { EventEmitter } from 'node:events';
import { OnefoldError, toOnefoldError } from '@onefold/protocol';
import type { EngineOptions } from '../../sync/session.ts';
import { takeProcessLock } from '../disk/process-lock.ts';
import { openLog } from '../machine/log.ts';
import { watchPower } from '../machine/power.ts';
import { openAccount, type AccountContext } from './account-context.ts';
import { dropFolder, keepFolder, makeFolder } from './add-folder.ts';
import { toEntry } from './core-activity.ts';
import { createLoginChange, deleteAccount, type DeletionArgs } from './core-account.ts';
import type { CoreCalls } from './core-calls.ts';
import { byFolder } from './core-browse.ts';
import { createConflictNews } from './conflict-news.ts';
import { listConflictCopies } from './core-conflicts.ts';
import { byPublicId, coreStatus, folderStatus, type Most } from './core-status.ts';
import { createLinking, type LinkingState } from './core-linking.ts';
import { openFolderRunners } from './folder-runners.ts';
import { readRegistry, type KeptFolder } from './folder-registry.ts';
import { openSetUpHome, type Home } from './home.ts';
import { relocateFolder } from './locate-folder.ts';
import { createInStepTeller } from './tell-in-step.ts';
import { announceUploads } from './upload-notices.ts';
import { changeSettings, readSettings, type Settings, type SettingsChanges } from './settings.ts';
import { createTraffic } from './traffic.ts';
import { systemClock } from '../machine/clock.ts';
import { collectWhenQuiet } from '../machine/collect-when-quiet.ts';
import { askMetered } from '../machine/metered.ts';
import type { ActivityEntry, CoreStatus, FolderStatus, SyncOutcome, Throughput, UploadingNotice } from './shapes.ts';
import { waitForAll } from './sync-wait.ts';
import { makeCalls } from './make-calls.ts';
import { measureThroughput } from './throughput.ts';

/** Status changes are told at most this often. */
const STATUS_EVERY_MS = 250;
/** Closing that takes longer is given up: whatever is left is settled at the next start, like after a crash. */
const CLOSE_DEADLINE_MS = 8_000;

export interface CoreEvents {
  status: [];
  activity: [items: ActivityEntry[]];
  throughput: [throughput: Throughput];
  uploading: [notice: UploadingNotice];
  linking: [state: LinkingState];
  conflicts: [count: number];
}

/** Everything a daemon does, without its sockets: what packages/control's table asks for. */
export interface DaemonCore {
  status(): CoreStatus;
  /** Of one folder, or of everything. */
  pause(folder?: string): Promise<void>;
  resume(folder?: string): Promise<void>;
  /** `make`: the folder itself, where there is none. */
  add(path: string, namespaceName: string | null, make?: boolean): Promise<FolderStatus>;
  remove(path: string): Promise<void>;
  /** The kept folder stands at `to` from now on. Throws as relocateFolder. */
  locate(folder: string, to: string): Promise<FolderStatus>;
  syncWait(timeoutMs: number | null, isCancelled: () => boolean): Promise<SyncOutcome>;
  confirm(id: string): Promise<void>;
  reject(id: string): Promise<void>;
  readonly calls: CoreCalls;
  /** What is left of the account here is for the caller to take away. Throws as its namesake. */
  deleteAccount(args: DeletionArgs): Promise<void>;
  on<E extends keyof CoreEvents>(event: E, listener: (...args: CoreEvents[E]) => void): () => void;
  /** The machine woke up or changed networks: for hosts that hear of it themselves. */
  resumed(): void;
  close(): Promise<void>;
}

/**
 * Starts an engine for every folder of a home. Does not wait for the server. Throws `not-logged-in`, `daemon-running` when another process
 * holds the home, `state-corrupt`.
 */
export async function createDaemonCore(options: {
  readonly home: string;
  readonly logToStderr?: boolean;
  readonly checkpoints?: EngineOptions['checkpoints'];
}): Promise<DaemonCore> {
  const home = await openSetUpHome(options.home);
  const lock = takeProcessLock(home.lockFile, 'daemon-running');
  try {
    return await startCoreOf(home, options, () => lock.release());
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** As createDaemonCore, in a home whose lock the caller holds; `release` is called once the core is closed. */
export async function startCoreOf(
  home: Home,
  options: Omit<Parameters<typeof createDaemonCore>[0], 'home'>,
  release: () => void,
): Promise<DaemonCore> {
  // Before anything runs: a list that cannot be read must not look like an empty one.
  await readRegistry(home);
  await readSettings(home);
  return startCore(await openAccount(home), options, release);
}

async function startCore(
  context: AccountContext,
  { logToStderr = false, checkpoints }: Parameters<typeof startCoreOf>[1],
  release: () => void,
): Promise<DaemonCore> {
  const { home, session, keys } = context;
  const log = openLog(home.logsFolder, { toStderr: logToStderr });
  const power = watchPower();
  const events = new EventEmitter<CoreEvents>();
  events.setMaxListeners(0);
  let most: Most = { pending: 0, bytes: 0 };
  let statusTimer: NodeJS.Timeout | null = null;

  function statusChanged(): void {
    if (statusTimer !== null) return;
    statusTimer = setTimeout(() => {
      statusTimer = null;
      inStep.look();
      events.emit('status');
      if (isOpen) news.statusIs(status());
    }, STATUS_EVERY_MS);
    statusTimer.unref();
  }

  const inStep = createInStepTeller({
    clock: systemClock,
    isInStep: () => (isOpen ? status().state === 'idle' : null),
    isConnected: () => session.isConnected(),
    tell: (now) => session.setInStep(now),
  });
  let isOpen = false;
  const news = createConflictNews({
    list: async () => (isOpen ? listConflictCopies(context, folders.all()) : []),
    tell: (count) => events.emit('conflicts', count),
  });
  const folders = await openFolderRunners(context, {
    log,
    power,
    checkpoints,
    onStatus: statusChanged,
    onActivity: (runner, items) => {
      const entries = [...items].sort((a, b) => a.id - b.id).map((item) => toEntry(context, runner, item));
      events.emit('activity', entries);
      news.happened(entries);
    },
  });
  const traffic = createTraffic({
    clock: systemClock,
    pace: context.network.pace,
    settings: await readSettings(home),
    askMetered,
    onHeld(heldBy) {
      statusChanged();
      void folders.setHeld(heldBy !== null);
    },
  });
  const unsubscribe = [
    session.subscribe((event) => {
      if (event.event === 'connected' || event.event === 'disconnected') statusChanged();
      if (event.event === 'connected') {
        inStep.connected();
        for (const runner of folders.all()) runner.hurry();
      }
      // Links that were added while no line was open were told to nobody here.
      if (event.event === 'connected' || (event.event === 'chain' && event.chainLength > keys.chain().length)) {
        keys
          .refresh()
          .then(statusChanged, (error: unknown) =>
            log.write('warn', 'chain-refresh-failed', { error: toOnefoldError(error).message }),
          );
      }
      const notice = event.event === 'uploading' ? announceUploads(context, folders.all(), event) : [];
      for (const one of notice) events.emit('uploading', one);
    }),
    power.onResume(() => {
      session.reconnect();
      void traffic.look();
    }),
    () => traffic.close(),
    () => inStep.close(),
    () => news.close(),
    collectWhenQuiet(),
    measureThroughput(
      () => folders.all().flatMap((runner) => runner.status()?.progress.speed ?? []),
      (throughput) => events.emit('throughput', throughput),
    ),
  ];
  const linking = createLinking(context, (state) => events.emit('linking', state));
  const login = createLoginChange(context);
  isOpen = true;
  log.write('info', 'started', { folders: folders.all().length });

  function status(): CoreStatus {
    const now = coreStatus(context, folders.all(), { isPaused: folders.isPaused(), heldBy: traffic.heldBy() }, most);
    most = {
      pending: now.pending === 0 ? 0 : Math.max(most.pending, now.pending),
      bytes: now.progress?.bytesTotal ?? 0,
    };
    return now;
  }

  async function answer(publicId: string, act: 'confirm' | 'reject'): Promise<void> {
    const { runner, id } = byPublicId(folders.all(), publicId);
    const isFound = (await runner.running()?.engine[act](id)) ?? false;
    if (!isFound) throw new OnefoldError('not-found', 'nothing of this id waits for an answer');
  }

  let setting: Promise<unknown> = Promise.resolve();
  /** One change at a time: each is made on what the one before has left. */
  function set(changes: SettingsChanges): Promise<Settings> {
    const changed = setting.then(async () => {
      const settings = await changeSettings(home, changes);
      if (changes.network !== undefined) {
        context.network.use(settings.network);
        session.reconnect();
      }
      await traffic.look(settings);
      return settings;
    });
    setting = changed.catch(() => undefined);
    return changed;
  }

  /** What its engine says, now that it is on the list. */
  async function takenUp(kept: KeptFolder): Promise<FolderStatus> {
    await folders.reread();
    const runner = folders.all().find((one) => one.folder.folderId === kept.folderId);
    if (runner === undefined) throw new OnefoldError('internal', 'the folder was not taken up');
    return folderStatus(runner);
  }

  let closing: Promise<void> | null = null;
  async function close(): Promise<void> {
    for (const end of unsubscribe) end();
    linking.stop();
    if (statusTimer !== null) clearTimeout(statusTimer);
    power.close();
    const orderly = folders.close().then(() => context.close());
    const deadline = new AbortController();
    const late = new Promise<'late'>((resolve) => {
      const timer = setTimeout(() => resolve('late'), CLOSE_DEADLINE_MS);
      deadline.signal.addEventListener('abort', () => clearTimeout(timer));
    });
    const outcome = await Promise.race([orderly.then(() => 'closed' as const), late]);
    deadline.abort();
    log.write('info', 'stopped', { outcome });
    log.close();
    release();
  }

  return {
    status,
    pause: (folder) =>
      folders.setPaused(folder === undefined ? null : byFolder(folders.all(), folder).folder.path, true),
    resume: (folder) =>
      folders.setPaused(folder === undefined ? null : byFolder(folders.all(), folder).folder.path, false),
    async add(path, namespaceName, make = false) {
      if (make) await makeFolder(path);
      return takenUp(await keepFolder(context, path, namespaceName));
    },
    async remove(path) {
      const { folder } = byFolder(folders.all(), path);
      await folders.changeStopped(folder, () => dropFolder(home, folder.path));
    },
    async locate(folder, to) {
      const kept = byFolder(folders.all(), folder).folder;
      return takenUp(await folders.changeStopped(kept, () => relocateFolder(home, kept.path, to)));
    },
    async syncWait(timeoutMs, isCancelled) {
      await folders.reread();
      return waitForAll(() => folders.all(), timeoutMs, isCancelled);
    },
    confirm: (id) => answer(id, 'confirm'),
    reject: (id) => answer(id, 'reject'),
    calls: makeCalls(context, folders, { status, statusChanged, set, linking, login }),
    on(event, listener) {
      events.on(event, listener as never);
      return () => void events.off(event, listener as never);
    },
    deleteAccount: (args) => deleteAccount(context, args),
    resumed: () => power.resumed(),
    close: () => (closing ??= close()),
  };
}
