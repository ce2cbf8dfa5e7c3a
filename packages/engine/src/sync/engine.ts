import type { UserChain } from '@onefold/journal';
import type { RetentionPolicy, RetentionResponse, SignedEntry, UsageResponse } from '@onefold/protocol';
import type { RuleTexts } from '../core/ignore.ts';
import type { Name, RelPath } from '../core/tree.ts';
import type { ActivityItem, Ports } from '../ports.ts';
import { confirmHold, rejectHold } from './answer-hold.ts';
import { rekey } from './authority.ts';
import { entryAt, listFolder, type ListedEntry } from './browse.ts';
import { moveHere } from './change-here.ts';
import {
  listConflicts,
  mergeConflict,
  resolveConflict,
  undoSteps,
  type ConflictFound,
  type MergedText,
  type UndoStep,
} from './conflicts.ts';
import type { CycleResult } from './cycle.ts';
import { explain, type Reason } from './explain.ts';
import { purgeTrashed, purgeVersion } from './retention.ts';
import { listDifferences, settleOneWay, type Differences } from './one-way.ts';
import { previewRules, type RuleEffect } from './preview-rules.ts';
import { goBack, lookBack, type PastLook, type PastResult } from './point-in-time.ts';
import { createRunner } from './runner.ts';
import { createSchedule } from './schedule.ts';
import { searchNames, type FoundEntry } from './search.ts';
import type { EngineOptions } from './session.ts';
import { listSelection, setSelection, type SelectedFolder } from './selection.ts';
import type { EngineStatus } from './status.ts';
import { emptyTrash, listTrashed, restoreTrashed, type TrashedList, type TrashQuery } from './trash.ts';
import { waitForRest, type SyncWaitResult } from './sync-wait.ts';
import { measureSizes, type Sizes } from './usage.ts';
import {
  listPlaceEvents,
  listVersions,
  readVersion,
  restoreVersion,
  type ListedVersion,
  type VersionBytes,
} from './versions.ts';

/** Keeps one folder and one namespace the same. */
export interface Engine {
  start(): Promise<void>;
  /** Resolves when the cycle that is running has ended. Transfers of large files are left where they are. */
  stop(): Promise<void>;
  /** Exactly one cycle: observe, plan, apply, record. `start` calls it as needed; without `start` the caller does. Never rejects. */
  cycle(): Promise<CycleResult>;
  /** Looks at everything again, soon. */
  scanAll(): void;
  /** Something may have changed at these paths. */
  hint(paths: readonly RelPath[]): void;
  pause(): Promise<void>;
  resume(): Promise<void>;
  status(): EngineStatus;
  onStatus(listener: (status: EngineStatus) => void): () => void;
  onActivity(listener: (items: readonly ActivityItem[]) => void): () => void;
  activity(limit: number, before: number | null): Promise<readonly ActivityItem[]>;
  /** Waits until everything is done, at most `timeoutMs` (null: without end). Needs `start`. */
  syncWait(timeoutMs: number | null, signal?: AbortSignal): Promise<SyncWaitResult>;
  /** Answers a question that is held. False when nothing of that id waits for an answer. */
  confirm(id: string): Promise<boolean>;
  reject(id: string): Promise<boolean>;
  /** Composes the entries by which the namespace follows `chain`, and holds the engine still until `send` has committed them (see `rekey`). */
  rekey(chain: UserChain, send: (entries: readonly SignedEntry[]) => Promise<void>): Promise<void>;
  /** What a folder holds: at most `limit` (10,000) after the name `after`. */
  list(
    path: RelPath,
    page?: { readonly after?: Name | null; readonly limit?: number },
  ): Promise<readonly ListedEntry[]>;
  /** The entry at a path; null where nothing is known. */
  entry(path: RelPath): Promise<ListedEntry | null>;
  search(text: string, isDeleted: boolean, limit: number): Promise<readonly FoundEntry[]>;
  versions(path: RelPath): Promise<readonly ListedVersion[]>;
  /** What happened to the name of a file, the last first. */
  placeEvents(path: RelPath): Promise<readonly ActivityItem[]>;
  readVersion(path: RelPath, id: string | null, maxBytes: number): Promise<VersionBytes>;
  restoreVersion(path: RelPath, id: string, to?: RelPath): Promise<void>;
  conflicts(): Promise<readonly ConflictFound[]>;
  /** Answers what takes it back. */
  resolveConflict(path: RelPath, keep: 'original' | 'copy' | 'both'): Promise<readonly UndoStep[]>;
  /** Answers what takes it back. */
  mergeConflict(path: RelPath, text: MergedText): Promise<readonly UndoStep[]>;
  undo(steps: readonly UndoStep[]): Promise<void>;
  /** Moves or renames something here, as a person would. Throws `not-found`; `precondition-failed` when the place is taken. */
  move(from: RelPath, to: RelPath): Promise<void>;
  /** What restoring a folder to a moment would change, and doing it. */
  lookBack(path: RelPath, atMs: number): Promise<PastLook>;
  goBack(path: RelPath, atMs: number): Promise<PastResult>;
  /** What the account stores on the server. Throws what the server's answer calls for. */
  serverUsage(): Promise<UsageResponse>;
  /** Free on the folder's disk; null where unknown. */
  freeBytes(): Promise<number | null>;
  /** What takes the space. `kindOf` sorts files by their names. */
  sizes(side: 'here' | 'server', kindOf: (name: string) => string): Promise<Sizes>;
  /** What can be had back, from the trash here and from the server, the last deleted first; or what the server has let go of. */
  trash(query?: TrashQuery): Promise<TrashedList>;
  /** Answers where it is now. Throws `not-found`; `precondition-failed` when the place is taken. */
  restoreTrash(id: string, to?: RelPath): Promise<RelPath>;
  /** Removes for good what lies in the trash here: all of it, or these. */
  emptyTrash(ids?: readonly string[]): Promise<{ readonly count: number; readonly sizeBytes: number }>;
  retention(): Promise<RetentionResponse>;
  /** Null: as the server has it. */
  setRetention(policy: RetentionPolicy | null): Promise<RetentionResponse>;
  /** Gives up an old version, or something deleted, for good. Answers how many versions went. */
  purgeVersion(path: RelPath, version: number): Promise<number>;
  purgeTrashed(id: string): Promise<number>;
  /** Why is this not in step? At least one reason. Throws `not-found`. */
  explain(path: RelPath): Promise<readonly Reason[]>;
  /** How the folder is kept, and what differs because of it. */
  differences(limit: number, after: string | null): Promise<Differences>;
  /** Makes the other side like this one, or this one like the other, once. Throws `precondition-failed`. */
  settleOneWay(): Promise<number>;
  /** Texts of the rules files, by the folder they stand in. */
  ruleTexts(): RuleTexts;
  /** What these rules would change; see preview-rules.ts. */
  previewRules(
    texts: RuleTexts,
    limit: number,
    after: RelPath | null,
  ): Promise<{ readonly effects: readonly RuleEffect[]; readonly next: RelPath | null }>;
  /** Unticks and ticks folders of the server's tree on this device. See selection.ts for what it throws. */
  setSelection(change: { readonly untick: readonly RelPath[]; readonly tick: readonly RelPath[] }): Promise<void>;
  /** The folders in a folder of the server's tree, and whether they are to be here. Throws `not-found`. */
  selection(
    path: RelPath,
    limit: number,
    after: RelPath | null,
  ): Promise<{ readonly entries: readonly SelectedFolder[]; readonly next: RelPath | null }>;
  /** Milliseconds until the engine wants its next cycle, if nothing happens before. */
  nextDelayMs(): number;
}

export function createEngine(ports: Ports, options: EngineOptions): Engine {
  const statusListeners = new Set<(status: EngineStatus) => void>();
  const activityListeners = new Set<(items: readonly ActivityItem[]) => void>();
  const cycleListeners = new Set<() => void>();
  const unsubscribe: (() => void)[] = [];

  const runner = createRunner(ports, options, {
    wake: () => schedule.wake(),
    status: emitStatus,
    activity(items) {
      for (const listener of activityListeners) listener(items);
    },
  });
  const schedule = createSchedule(ports.clock, async () => {
    await cycle();
    return runner.nextDelayMs();
  });

  async function cycle(): Promise<CycleResult> {
    const result = await runner.cycle();
    for (const listener of [...cycleListeners]) listener();
    return result;
  }

  function cycleEnd(): Promise<void> {
    return new Promise((resolve) => {
      const listener = (): void => {
        cycleListeners.delete(listener);
        resolve();
      };
      cycleListeners.add(listener);
    });
  }

  function emitStatus(): void {
    if (statusListeners.size === 0) return;
    const now = runner.status();
    for (const listener of statusListeners) listener(now);
  }

  function scanAll(): void {
    runner.requestFull();
    schedule.wake();
  }

  async function answer(work: () => Promise<boolean>): Promise<boolean> {
    const found = await runner.inTurn(work);
    schedule.wake();
    return found;
  }

  return {
    async start() {
      unsubscribe.push(
        ports.remote.subscribe(({ event }) => {
          if (event === 'connected') runner.forgetFailures();
          // Also when it was lost: what is said of the connection is then asked for anew.
          schedule.wake();
        }),
        ports.power.onResume(() => {
          runner.forgetFailures();
          runner.session.patience.hurry();
          scanAll();
        }),
      );
      await ports.watcher.start((event) => {
        if (event.kind === 'changed') return runner.hint(event.paths);
        if (event.code !== null)
          ports.log.write('warn', 'watcher-lost-events', { folder: options.folderId, code: event.code });
        if (event.code === 'watch-limit') runner.session.isWatchLimited = true;
        scanAll();
      });
      schedule.start();
    },
    async stop() {
      runner.session.transfers.stop();
      for (const end of unsubscribe.splice(0)) end();
      await ports.watcher.stop();
      await schedule.stop();
      await runner.inTurn(() => Promise.resolve());
    },
    cycle,
    scanAll,
    hint: (paths) => runner.hint(paths),
    async pause() {
      await runner.setPaused(true);
      emitStatus();
    },
    async resume() {
      await runner.setPaused(false);
      schedule.wake();
      emitStatus();
    },
    status: () => runner.status(),
    onStatus(listener) {
      statusListeners.add(listener);
      return () => void statusListeners.delete(listener);
    },
    onActivity(listener) {
      activityListeners.add(listener);
      return () => void activityListeners.delete(listener);
    },
    activity: (limit, before) => ports.store.activity(limit, before),
    syncWait: (timeoutMs, signal) => waitForRest(runner, cycleEnd, () => schedule.wake(), timeoutMs, signal),
    confirm: (id) => answer(() => confirmHold(runner.session, id)),
    reject: (id) => answer(() => rejectHold(runner.session, id)),
    async rekey(chain, send) {
      await runner.inLoadedTurn(() => rekey(runner.session, chain, send));
      schedule.wake();
    },
    list: (path, page) => listFolder(runner.session, path, page),
    entry: (path) => entryAt(runner.session, path),
    search: (text, isDeleted, limit) => searchNames(runner.session, text, isDeleted, limit),
    versions: (path) => listVersions(runner.session, path),
    placeEvents: (path) => listPlaceEvents(runner.session, path),
    readVersion: (path, id, maxBytes) => readVersion(runner.session, path, id, maxBytes),
    restoreVersion: (path, id, to) => runner.inTurn(() => restoreVersion(runner.session, path, id, to ?? null)),
    conflicts: () => listConflicts(runner.session),
    resolveConflict: (path, keep) => runner.inTurn(() => resolveConflict(runner.session, path, keep)),
    mergeConflict: (path, text) => runner.inTurn(() => mergeConflict(runner.session, path, text)),
    undo: (steps) => runner.inTurn(() => undoSteps(runner.session, steps)),
    move: (from, to) => runner.inTurn(() => moveHere(runner.session, { from, to })),
    lookBack: (path, atMs) => lookBack(runner.session, path, atMs),
    goBack: (path, atMs) => runner.inTurn(() => goBack(runner.session, path, atMs)),
    serverUsage: () => ports.remote.usage(),
    freeBytes: () => ports.files.freeBytes(),
    sizes: (side, kindOf) => measureSizes(runner.session, side, kindOf),
    trash: (query) => listTrashed(runner.session, query),
    restoreTrash: (id, to) => runner.inTurn(() => restoreTrashed(runner.session, id, to ?? null)),
    emptyTrash: (ids) => runner.inTurn(() => emptyTrash(runner.session, ids ?? null)),
    retention: () => runner.session.line.direct.retention(),
    setRetention: (policy) => runner.session.line.direct.setRetention(policy),
    purgeVersion: (path, version) => purgeVersion(runner.session, path, version),
    purgeTrashed: (id) => purgeTrashed(runner.session, id),
    explain: (path) => explain(runner.session, runner.circumstances(), path),
    differences: (limit, after) => listDifferences(runner.session, limit, after),
    async settleOneWay() {
      const count = await runner.inLoadedTurn(() => settleOneWay(runner.session));
      schedule.wake();
      return count;
    },
    ruleTexts: () => runner.session.ruleTexts(),
    previewRules: (texts, limit, after) => previewRules(runner.session, texts, limit, after),
    async setSelection(change) {
      await runner.inLoadedTurn(() => setSelection(runner.session, change));
      schedule.wake();
    },
    selection: (path, limit, after) => listSelection(runner.session, path, limit, after),
    nextDelayMs: () => runner.nextDelayMs(),
  };
}
