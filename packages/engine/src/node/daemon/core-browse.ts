import path from 'node:path';
import { OnefoldError } from '@onefold/protocol';
import { joinPath, lastName, parentPath } from '../../core/names.ts';
import type { Name, RelPath } from '../../core/tree.ts';
import type { ListedEntry } from '../../sync/browse.ts';
import type { FolderRunner, Running } from './folder-runner.ts';
import type { ListArgs, ListedPath, PlaceArgs } from './shapes.ts';

/* What folders hold. Paths beside a folder are inside it; others are absolute. */

const PAGE = 1_000;

export interface Place {
  readonly runner: FolderRunner;
  readonly running: Running;
  readonly path: RelPath;
}

/** The kept folder and the path inside it. Throws `not-found`, `invalid-argument`, or the folder's own problem. */
export function placeOf(runners: readonly FolderRunner[], args: PlaceArgs): Place {
  const runner = runnerOf(runners, args);
  const running = runner.running();
  if (running === null) {
    const problem = runner.problem();
    throw new OnefoldError(problem?.code ?? 'file-busy', problem?.message ?? 'the folder is still being opened');
  }
  const inside =
    args.folder === undefined ? path.relative(runner.folder.path, args.path ?? runner.folder.path) : (args.path ?? '');
  const relative = inside
    .split(path.sep)
    .filter((name) => name !== '' && name !== '.')
    .join('/');
  return { runner, running, path: relative };
}

/** Throws `not-found`, `invalid-argument`. */
export function runnerOf(runners: readonly FolderRunner[], args: PlaceArgs): FolderRunner {
  if (args.folder !== undefined) return byFolder(runners, args.folder);
  if (args.path !== undefined) {
    const absolute = path.resolve(args.path);
    const holds = (root: string): boolean => absolute === root || absolute.startsWith(root + path.sep);
    const found = runners.find((runner) => holds(runner.folder.path));
    if (found === undefined) throw new OnefoldError('not-found', 'this is in no synced folder');
    return found;
  }
  if (runners.length === 1) return runners[0]!;
  throw new OnefoldError(
    'invalid-argument',
    runners.length === 0 ? 'no folder is synced here yet' : 'say which folder',
  );
}

/** Throws `not-found`. */
export function byFolder(runners: readonly FolderRunner[], folder: string): FolderRunner {
  const found = runners.find((runner) => runner.folder.path === folder || runner.folder.path === path.resolve(folder));
  if (found === undefined) throw new OnefoldError('not-found', 'this is no synced folder');
  return found;
}

export async function listPaths(
  place: Place,
  { limit = PAGE, after }: ListArgs,
): Promise<{ entries: ListedPath[]; next?: string }> {
  const { engine } = place.running;
  const { waiting } = engine.status();
  // Ten thousand entries may be asked for, and as many may wait.
  const waitingPaths = new Set(waiting.map(({ path: at }) => at));
  const { entries, parent } = await entriesAt(place, limit + 1, after === undefined ? null : lastName(after));
  const listed = entries.map((entry) => {
    const at = joinPath(parent, entry.name);
    return toListed(entry, at, waitingPaths.has(at));
  });
  const shown = listed.slice(0, limit);
  if (listed.length > limit) return { entries: shown, next: shown[shown.length - 1]!.path };
  // What is never synced is no row: the few of it stand on the last page.
  const special = waiting
    .filter(({ path: at, code }) => code === 'special-file' && parentPath(at) === parent)
    .filter(({ path: at }) => place.path === parent || place.path === at)
    .map(({ path: at }): ListedPath => ({ path: at, kind: 'special', sizeBytes: 0, mtimeMs: 0, state: 'waiting' }));
  return { entries: special.length === 0 ? shown : [...shown, ...special].sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

export function toListed(entry: ListedEntry, at: RelPath, isWaiting: boolean): ListedPath {
  return {
    path: at,
    kind: entry.kind === 'mount' ? 'folder' : entry.kind,
    sizeBytes: entry.sizeBytes ?? 0,
    mtimeMs: entry.mtimeMs,
    state: stateOf(entry, isWaiting),
  };
}

/** What a folder holds, or the file itself. */
async function entriesAt(
  { running, path: at }: Place,
  limit: number,
  after: Name | null,
): Promise<{ entries: readonly ListedEntry[]; parent: RelPath }> {
  const self = at === '' ? null : await running.engine.entry(at);
  if (self !== null && self.kind !== 'folder') return { entries: [self], parent: parentPath(at) };
  return { entries: await running.engine.list(at, { after, limit }), parent: at };
}

function stateOf({ state, isSafe }: ListedEntry, isWaiting: boolean): ListedPath['state'] {
  if (isWaiting) return 'waiting';
  if (state === 'synced') return 'safe';
  if (state === 'quarantined' || state === 'lost') return 'attention';
  if (state === 'unticked' || state === 'frozen' || state === 'one-way') return state;
  if (state === 'there') return 'arriving';
  return isSafe ? 'arriving' : 'not-yet-safe';
}
