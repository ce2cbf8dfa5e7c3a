import { accessSync, constants, readFileSync, statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import { OnefoldError, toOnefoldError, type ErrorCode } from '@onefold/protocol';
import { inspectRoot } from '../disk/root-marker.ts';
import { OWN_FOLDER } from '../disk/rooted-paths.ts';
import { isOnNetwork } from '../watcher/watcher.ts';
import { openAccount, type AccountContext } from './account-context.ts';
import { readRegistry, type KeptFolder } from './folder-registry.ts';
import { isHomeSetUp, openHome, type Home } from './home.ts';
import { dialAddress } from './own-server-file.ts';
import { clientOf } from './set-up-home.ts';
import type { FolderRunner } from './folder-runner.ts';
import type { Check, CheckSentence } from './shapes.ts';

const UNREACHED = 'Check the network, and that the server runs.';
const SERVER_ADVICE: Partial<Record<ErrorCode, string>> = {
  'captive-portal': 'Open a page in a browser and sign in to this network.',
  'certificate-untrusted': 'Check the clock; for a server of your own, name its authority with "onefold settings set".',
  'protocol-mismatch': 'Update the one of the two that is older.',
  'device-revoked':
    'This device was removed from the account. Its files stay; to log in again: onefold account sign-out, then onefold login.',
  'account-deleted': 'The account was deleted. Its files stay; to begin anew: onefold account sign-out.',
};

const MOST_SKEW_MS = 5 * 60_000;
const LEAST_FREE_BYTES = 1024 ** 3;
const LEAST_FREE_FILES = 1_000;
const FEWER_FILES = 'Remove files from this disk, however small: its file system has a fixed number of them.';
const WATCH_LIMIT_FILE = '/proc/sys/fs/inotify/max_user_watches';

/** Looks for what usually goes wrong. Changes nothing. */
export async function examine(context: AccountContext, runners: readonly FolderRunner[]): Promise<Check[]> {
  const checks: Check[] = [...(await accountChecks(context)), ...homeChecks(context.home), watchCheck(runners)];
  for (const runner of runners) checks.push(...(await folderChecks(runner.folder, runner.problem()?.message ?? null)));
  return checks;
}

/** The same for a home whose daemon does not run: what can be told without one. */
export async function examineHome(folder: string): Promise<Check[]> {
  if (!(await isHomeSetUp(folder))) {
    const advice = 'Make an account with "onefold account create", or log in with "onefold login".';
    return [check('account', false, { says: 'account-none' }, 'This device is in no account yet.', advice)];
  }
  const home = await openHome(folder);
  const checks = [...(await checksOfAccountAt(home)), ...homeChecks(home)];
  for (const kept of (await readRegistry(home)).folders) checks.push(...(await folderChecks(kept, null)));
  return checks;
}

async function checksOfAccountAt(home: Home): Promise<Check[]> {
  let context: AccountContext;
  try {
    context = await openAccount(home);
  } catch (error) {
    return [keysCheck(error), await strangersCheck(home)];
  }
  try {
    return await accountChecks(context);
  } finally {
    await context.close();
  }
}

/** Sealed by the desktop app, or not to be read: whatever needs no keys is looked at all the same. */
function keysCheck(error: unknown): Check {
  const { code, message } = toOnefoldError(error);
  const isSealed = code === 'home-locked';
  return check(
    'keys',
    false,
    { says: isSealed ? 'keys-sealed' : 'keys-unusable', facts: { code } },
    isSealed
      ? 'The keys of this device are sealed by the desktop app, which alone can open them.'
      : `The keys of this device cannot be used: ${message}.`,
    isSealed
      ? 'Open the app, or switch the sealing off in its settings.'
      : 'Log in anew: onefold account sign-out, then onefold login. The files stay.',
  );
}

/** The server, asked what it tells anyone. */
async function strangersCheck(home: Home): Promise<Check> {
  const account = await home.readAccount();
  if (account === null) throw new OnefoldError('state-corrupt', 'the account of this home is gone');
  const client = await clientOf(home, await dialAddress(home.folder, account.server));
  try {
    return await serverCheck(account.server, () => client.loginParameters(account.email));
  } finally {
    await client.close();
  }
}

interface Finding {
  readonly says: CheckSentence;
  readonly facts?: Record<string, string | number>;
}

/** `advice` counts only where it is not `ok`. */
function check(id: string, ok: boolean, { says, facts = {} }: Finding, message: string, advice: string): Check {
  return { id, ok, says, facts, message, advice: ok ? '' : advice };
}

async function accountChecks(context: AccountContext): Promise<Check[]> {
  const { session, account } = context;
  return [await serverCheck(account.server, () => session.namespaces()), clockCheck(context)];
}

async function serverCheck(address: string, ask: () => Promise<unknown>): Promise<Check> {
  const id = 'server';
  const facts = { address };
  try {
    await ask();
    return check(id, true, { says: 'server-answers', facts }, `The server at ${address} answers.`, '');
  } catch (error) {
    const { code, message } = toOnefoldError(error);
    return check(
      id,
      false,
      { says: 'server-unusable', facts: { address, code } },
      `The server at ${address} cannot be used: ${message}.`,
      SERVER_ADVICE[code] ?? UNREACHED,
    );
  }
}

function clockCheck({ session }: AccountContext): Check {
  const skewMs = session.skewMs();
  if (skewMs === null) {
    const message = 'The clock was not compared: the server has not answered yet.';
    return check('clock', true, { says: 'clock-unknown' }, message, '');
  }
  const isClose = Math.abs(skewMs) <= MOST_SKEW_MS;
  const seconds = Math.round(skewMs / 1_000);
  return check(
    'clock',
    isClose,
    { says: isClose ? 'clock-close' : 'clock-off', facts: { seconds: Math.abs(seconds) } },
    `The clock is ${Math.abs(seconds)} s ${seconds < 0 ? 'ahead of' : 'behind'} the server's.`,
    'Set the clock of this machine, or let it be set by the network.',
  );
}

function homeChecks(home: Home): Check[] {
  return [
    writableCheck('home-permissions', home.folder, true),
    spaceCheck('home-space', home.folder, 'the state folder'),
  ];
}

function watchCheck(runners: readonly FolderRunner[]): Check {
  let limit: number;
  try {
    limit = Number(readFileSync(WATCH_LIMIT_FILE, 'utf8'));
  } catch {
    const message = 'This system does not limit how many folders are watched.';
    return check('watches', true, { says: 'watches-unlimited' }, message, '');
  }
  const statuses = runners.map((runner) => runner.status());
  const folders = statuses.reduce((sum, status) => sum + (status?.folders ?? 0), 0);
  // Other programs watch too, and a container may have a lower limit of its own: whether it was reached says more than the number.
  const isEnough = folders < limit * 0.9 && !statuses.some((status) => status?.isWatchLimited === true);
  return check(
    'watches',
    isEnough,
    { says: isEnough ? 'watches-enough' : 'watches-short', facts: { folders, limit } },
    isEnough
      ? `${folders} folders of at most ${limit} are watched.`
      : `${folders} folders are to be watched, and the system watches no more for this user (${limit} in all, for all programs).`,
    'Raise fs.inotify.max_user_watches and max_user_instances, then start the daemon again; until then some changes are found only by looking around every hour.',
  );
}

async function folderChecks(folder: KeptFolder, problem: string | null): Promise<Check[]> {
  const id = folder.folderId.slice(0, 8);
  const state = await inspectRoot(folder).catch(() => null);
  if (state === null) {
    const advice = 'Give this user access to the folder and to ".onefold" in it, and see that its disk can be read.';
    const facts = { folder: folder.path };
    const message = `${folder.path} cannot be read.`;
    return [
      check(`folder-${id}`, false, { says: 'folder-problem', facts }, message, advice),
      writableCheck(`permissions-${id}`, folder.path, false),
    ];
  }
  if (state.outcome !== 'present') {
    const why = state.outcome === 'missing' ? 'it is not there' : state.why;
    return [
      check(
        `folder-${id}`,
        false,
        { says: 'folder-missing', facts: { folder: folder.path } },
        `${folder.path} is not kept in step: ${why}.`,
        'Bring the folder back, or say where it is now: onefold locate.',
      ),
    ];
  }
  return [
    check(
      `folder-${id}`,
      problem === null,
      { says: problem === null ? 'folder-there' : 'folder-problem', facts: { folder: folder.path } },
      problem === null ? `${folder.path} is there.` : `${folder.path}: ${problem}.`,
      'See the log for what came before.',
    ),
    writableCheck(`permissions-${id}`, folder.path, false),
    spaceCheck(`space-${id}`, folder.path, folder.path),
    ...volumeChecks(id, folder),
  ];
}

/** What is no fault of anyone's and still explains much: said, and never counted as trouble. */
function volumeChecks(id: string, folder: KeptFolder): Check[] {
  const checks: Check[] = [];
  if (foldsCase(folder.path)) {
    const message = `${folder.path} is on a volume that takes "a" and "A" for one name: of two such names one gets a likeness here.`;
    const facts = { folder: folder.path };
    checks.push(check(`case-${id}`, true, { says: 'case-folds', facts }, message, ''));
  }
  if (isOnNetwork(folder.path)) {
    const message = `${folder.path} is on a network volume, where nothing tells of changes: it is looked through instead.`;
    const facts = { folder: folder.path };
    checks.push(check(`network-${id}`, true, { says: 'network-volume', facts }, message, ''));
  }
  return checks;
}

/** Whether the volume takes a name in other letters for the same: told by a folder that is there anyway. */
export function foldsCase(root: string): boolean {
  try {
    const own = statSync(path.join(root, OWN_FOLDER), { bigint: true });
    const other = statSync(path.join(root, OWN_FOLDER.toUpperCase()), { bigint: true });
    return own.dev === other.dev && own.ino === other.ino;
  } catch {
    return false;
  }
}

function spaceCheck(id: string, folder: string, name: string): Check {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(folder);
    const free = bavail * bsize;
    const isEnough = free >= LEAST_FREE_BYTES;
    // A file system that makes room for as many as it likes counts none.
    if (isEnough && files > 0 && ffree < LEAST_FREE_FILES) {
      const message = `Only ${ffree} more files have room where ${name} is, whatever their size.`;
      return check(id, false, { says: 'files-low', facts: { folder, files: ffree } }, message, FEWER_FILES);
    }
    return check(
      id,
      isEnough,
      { says: isEnough ? 'space-enough' : 'space-low', facts: { folder, freeBytes: free } },
      `${(free / 1024 ** 3).toFixed(1)} GiB are free where ${name} is.`,
      'Make room on this disk.',
    );
  } catch {
    const message = `How much is free where ${name} is cannot be told.`;
    return check(id, true, { says: 'space-unknown', facts: { folder } }, message, '');
  }
}

function writableCheck(id: string, folder: string, isHome: boolean): Check {
  const ok = isWritable(folder);
  const says = isHome ? (ok ? 'home-writable' : 'home-read-only') : ok ? 'folder-writable' : 'folder-read-only';
  const name = isHome ? 'The state folder' : folder;
  const advice = `Give this user write access to ${isHome ? 'the state folder' : 'the folder'}.`;
  return check(id, ok, { says, facts: { folder } }, `${name} ${ok ? 'can' : 'cannot'} be written.`, advice);
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
