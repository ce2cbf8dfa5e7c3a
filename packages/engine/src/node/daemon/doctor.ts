import { accessSync, constants, readFileSync, statfsSync } from 'node:fs';
import { inspectRoot } from '../disk/root-marker.ts';
import type { AccountContext } from './account-context.ts';
import type { FolderRunner } from './folder-runner.ts';
import type { Check } from './shapes.ts';

const MOST_SKEW_MS = 5 * 60_000;
const LEAST_FREE_BYTES = 1024 ** 3;
const WATCH_LIMIT_FILE = '/proc/sys/fs/inotify/max_user_watches';

/** Looks for what usually goes wrong. Changes nothing. */
export async function examine(context: AccountContext, runners: readonly FolderRunner[]): Promise<Check[]> {
  const checks: Check[] = [
    await serverCheck(context),
    clockCheck(context),
    ...homeChecks(context),
    watchCheck(runners),
  ];
  for (const runner of runners) checks.push(...(await folderChecks(runner)));
  return checks;
}

function check(id: string, ok: boolean, message: string, advice: string): Check {
  return { id, ok, message, advice: ok ? '' : advice };
}

async function serverCheck({ session, account }: AccountContext): Promise<Check> {
  const id = 'server';
  try {
    await session.namespaces();
    return check(id, true, `The server at ${account.server} answers.`, '');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return check(
      id,
      false,
      `The server at ${account.server} cannot be used: ${message}.`,
      'Check the network, and that the server runs.',
    );
  }
}

function clockCheck({ session }: AccountContext): Check {
  const skewMs = session.skewMs();
  if (skewMs === null) return check('clock', true, 'The clock was not compared: the server has not answered yet.', '');
  const isClose = Math.abs(skewMs) <= MOST_SKEW_MS;
  const seconds = Math.round(skewMs / 1_000);
  return check(
    'clock',
    isClose,
    `The clock is ${Math.abs(seconds)} s ${seconds < 0 ? 'ahead of' : 'behind'} the server's.`,
    'Set the clock of this machine, or let it be set by the network.',
  );
}

function homeChecks({ home }: AccountContext): Check[] {
  return [
    check(
      'home-permissions',
      isWritable(home.folder),
      'The state folder can be written.',
      'Give this user write access to the state folder.',
    ),
    spaceCheck('home-space', home.folder, 'the state folder'),
  ];
}

function watchCheck(runners: readonly FolderRunner[]): Check {
  let limit: number;
  try {
    limit = Number(readFileSync(WATCH_LIMIT_FILE, 'utf8'));
  } catch {
    return check('watches', true, 'This system does not limit how many folders are watched.', '');
  }
  const folders = runners.reduce((sum, runner) => sum + (runner.status()?.folders ?? 0), 0);
  const isEnough = folders < limit * 0.9;
  return check(
    'watches',
    isEnough,
    `${folders} folders of at most ${limit} are watched.`,
    'Raise fs.inotify.max_user_watches; until then changes are found by looking around every hour.',
  );
}

async function folderChecks(runner: FolderRunner): Promise<Check[]> {
  const { folder } = runner;
  const id = folder.folderId.slice(0, 8);
  const state = await inspectRoot(folder).catch(() => null);
  if (state?.outcome !== 'present') {
    const why = state === null ? 'it cannot be read' : state.outcome === 'missing' ? 'it is not there' : state.why;
    return [
      check(
        `folder-${id}`,
        false,
        `${folder.path} is not kept in step: ${why}.`,
        'Bring the folder back, or remove it and add it where it is now.',
      ),
    ];
  }
  const problem = runner.problem();
  return [
    check(
      `folder-${id}`,
      problem === null,
      problem === null ? `${folder.path} is there.` : `${folder.path}: ${problem.message}.`,
      'See the log for what came before.',
    ),
    check(
      `permissions-${id}`,
      isWritable(folder.path),
      `${folder.path} can be written.`,
      'Give this user write access to the folder.',
    ),
    spaceCheck(`space-${id}`, folder.path, folder.path),
  ];
}

function spaceCheck(id: string, folder: string, name: string): Check {
  try {
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    return check(
      id,
      free >= LEAST_FREE_BYTES,
      `${(free / 1024 ** 3).toFixed(1)} GiB are free where ${name} is.`,
      'Make room on this disk.',
    );
  } catch {
    return check(id, true, `How much is free where ${name} is cannot be told.`, '');
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
