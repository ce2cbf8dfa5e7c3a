import { isOutOfAccount, OnefoldError } from '@onefold/protocol';
import type { Limits } from '../../core/limits.ts';
import type { Attention } from '../../ports.ts';
import type { AccountContext } from './account-context.ts';
import { isPassing, type FolderRunner } from './folder-runner.ts';
import { ownName } from './own-name.ts';
import type { AttentionItem, CoreStatus, FolderStatus, InFlightItem, Progress, State } from './shapes.ts';

const MOST_IN_FLIGHT = 8;
const MOST_WAITING = 100;
const SEPARATOR = '/';

/** The most that was left since the last time everything was in step. */
export interface Most {
  readonly pending: number;
  readonly bytes: number;
}

/** The whole status, from what every engine says of itself. */
export function coreStatus(
  context: AccountContext,
  runners: readonly FolderRunner[],
  { isPaused, heldBy }: { readonly isPaused: boolean; readonly heldBy: Limits['heldBy'] },
  most: Most,
): CoreStatus {
  const folders = runners.map(folderStatus);
  const attention = [...accountAttention(context), ...watchAttention(runners), ...runners.flatMap(attentionOf)];
  const pending = folders.reduce((sum, folder) => sum + folder.pending, 0);
  const connected = context.session.isConnected();
  const waiting = runners.flatMap(waitingOf).slice(0, MOST_WAITING);
  const reason = runners.map((runner) => runner.status()?.offlineBecause).find((code) => code != null);
  const progress = progressOf(runners, pending, most);
  return {
    state: wholeState(folders, attention, { isPaused: isPaused || heldBy !== null, connected }),
    pending,
    notYetSafe: runners.reduce((sum, runner) => sum + (runner.status()?.notYetSafe ?? 0), 0),
    attention,
    folders,
    server: { url: context.account.server, connected, ...(reason == null ? {} : { offlineBecause: reason }) },
    device: { id: context.account.device, name: ownName(context) },
    account: { email: context.account.email },
    ...(progress === null ? {} : { progress }),
    ...(waiting.length === 0 ? {} : { waiting }),
    paused: isPaused,
    ...(heldBy === null ? {} : { heldBy }),
  };
}

/** What concerns the device as a whole. */
function accountAttention({ session }: AccountContext): AttentionItem[] {
  const code = session.refusal()?.code;
  if (code === undefined) return [];
  const what = code === 'account-deleted' ? 'this account was deleted' : 'this device was removed from its account';
  const message = `${what}: nothing is synced here any more, and its files stay as they are`;
  return [{ id: `account/${code}`, code, path: '', message }];
}

/** The system counts watches of all folders together, so this is said once. Engines go on: they look around in place of being told. */
function watchAttention(runners: readonly FolderRunner[]): AttentionItem[] {
  if (!runners.some((runner) => runner.status()?.isWatchLimited === true)) return [];
  const message =
    'the system watches no more folders for this user: some changes are found only by looking around every hour ("onefold doctor" says what to raise)';
  return [{ id: 'device/watch-limit', code: 'watch-limit', path: '', message }];
}

/** The first that holds wins: attention, paused, offline, syncing, idle. */
function wholeState(
  folders: readonly FolderStatus[],
  attention: readonly AttentionItem[],
  { isPaused, connected }: { readonly isPaused: boolean; readonly connected: boolean },
): State {
  const some = (state: State): boolean => folders.some((folder) => folder.state === state);
  if (attention.length > 0 || some('attention')) return 'attention';
  if (isPaused || (folders.length > 0 && folders.every((folder) => folder.paused))) return 'paused';
  if (some('offline') || (folders.length === 0 && !connected)) return 'offline';
  return some('syncing') ? 'syncing' : 'idle';
}

export function folderStatus(runner: FolderRunner): FolderStatus {
  const status = runner.status();
  const { path, namespaceName } = runner.folder;
  return {
    path,
    namespace: namespaceName,
    files: status?.files ?? 0,
    head: Math.max(0, status?.head ?? 0),
    paused: runner.isPaused(),
    state: status?.state ?? closedState(runner),
    pending: status?.pending ?? 0,
  };
}

function waitingOf(runner: FolderRunner): NonNullable<CoreStatus['waiting']> {
  const { path: folder } = runner.folder;
  return (runner.status()?.waiting ?? []).map(({ path, code }) => ({ path, folder, code }));
}

function closedState(runner: FolderRunner): State {
  const problem = runner.problem();
  if (problem === null) return 'syncing';
  return isPassing(problem.code) ? 'offline' : 'attention';
}

function attentionOf(runner: FolderRunner): AttentionItem[] {
  const { path: folder } = runner.folder;
  const problem = runner.problem();
  // Said once, for the device.
  if (problem !== null && isOutOfAccount(problem.code)) return [];
  if (problem !== null && !isPassing(problem.code)) {
    const { code, message, sinceMs } = problem;
    return [{ id: publicId(runner, 'folder'), code, path: '', message, folder, atMs: sinceMs }];
  }
  return (runner.status()?.attention ?? []).flatMap((item) => {
    if (isOutOfAccount(item.code)) return [];
    const question = questionOf(item);
    return [
      {
        id: publicId(runner, item.id),
        code: item.code,
        path: item.path,
        message: item.message,
        folder,
        atMs: item.sinceMs,
        ...(question === null ? {} : { question }),
      },
    ];
  });
}

interface HoldDetail {
  readonly direction: 'up' | 'down';
  readonly deletes: number;
  readonly rewrites: number;
  readonly total?: number;
}

function questionOf({ code, detail }: Attention): NonNullable<AttentionItem['question']> | null {
  if (code !== 'mass-change') return null;
  const { direction, deletes, rewrites, total } = JSON.parse(detail) as HoldDetail;
  return { direction, deletes, rewrites, ...(total === undefined ? {} : { outOf: total }) };
}

/** An attention id that says which folder's engine can answer it. */
export function publicId(runner: FolderRunner, id: string): string {
  return `${runner.folder.folderId.slice(0, 8)}${SEPARATOR}${id}`;
}

/** The runner that an id speaks of, and the id it knows. Throws `not-found`. */
export function byPublicId(runners: readonly FolderRunner[], id: string): { runner: FolderRunner; id: string } {
  const runner = runners.find((candidate) => id.startsWith(publicId(candidate, '')));
  if (runner === undefined) throw new OnefoldError('not-found', 'nothing of this id waits for an answer');
  return { runner, id: id.slice(publicId(runner, '').length) };
}

function progressOf(runners: readonly FolderRunner[], pending: number, most: Most): Progress | null {
  if (pending === 0) return null;
  const inFlight: InFlightItem[] = [];
  let bytesPerSecond = 0;
  let bytesLeft = 0;
  for (const runner of runners) {
    const status = runner.status();
    if (status === null) continue;
    bytesLeft += status.progress.bytesLeft;
    bytesPerSecond += status.progress.speed.up + status.progress.speed.down;
    for (const item of status.progress.items) {
      const direction = item.direction === 'down' ? 'down' : 'up';
      inFlight.push({
        path: item.name,
        folder: runner.folder.path,
        direction,
        bytesDone: item.doneBytes,
        bytesTotal: item.sizeBytes,
      });
    }
  }
  inFlight.sort((a, b) => b.bytesTotal - a.bytesTotal);
  const filesTotal = Math.max(most.pending, pending);
  const bytesTotal = Math.max(most.bytes, bytesLeft);
  return {
    filesDone: filesTotal - pending,
    filesTotal,
    bytesDone: bytesTotal - bytesLeft,
    bytesTotal,
    bytesPerSecond,
    secondsLeft: bytesPerSecond > 0 ? bytesLeft / bytesPerSecond : null,
    inFlight: inFlight.slice(0, MOST_IN_FLIGHT),
  };
}
