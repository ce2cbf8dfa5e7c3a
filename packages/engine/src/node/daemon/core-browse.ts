import path from 'node:path';
import { OnefoldError } from '@onefold/protocol';
import { isConflictName } from '../../core/conflict-name.ts';
import { joinPath, lastName, parentPath } from '../../core/names.ts';
import type { RelPath } from '../../core/tree.ts';
import type { ListedEntry } from '../../sync/browse.ts';
import type { AccountContext } from './account-context.ts';
import type { FolderRunner, Running } from './folder-runner.ts';
import type { ConflictCopy, Device, ListArgs, ListedPath, PlaceArgs, RestoreArgs, Version } from './shapes.ts';

/* What people ask about single files: lists, versions, conflicts. Paths beside a folder are inside it; others are absolute. */

const PAGE = 1_000;

interface Place {
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
    if (found === undefined) throw new OnefoldError('not-found', 'this is in no folder that is kept here');
    return found;
  }
  if (runners.length === 1) return runners[0]!;
  throw new OnefoldError('invalid-argument', runners.length === 0 ? 'no folder is kept here yet' : 'say which folder');
}

/** Throws `not-found`. */
export function byFolder(runners: readonly FolderRunner[], folder: string): FolderRunner {
  const found = runners.find((runner) => runner.folder.path === folder || runner.folder.path === path.resolve(folder));
  if (found === undefined) throw new OnefoldError('not-found', 'this folder is not kept here');
  return found;
}

export async function listPaths(
  place: Place,
  { limit = PAGE, after }: ListArgs,
): Promise<{ entries: ListedPath[]; next?: string }> {
  const { engine, store } = place.running;
  const { entries, parent } = await entriesAt(place);
  const { waiting } = engine.status();
  const isAfter = (at: RelPath): boolean => after === undefined || at > after;
  const special = waiting
    .filter(({ path: at, code }) => code === 'special-file' && isAfter(at))
    .filter(({ path: at }) => parentPath(at) === parent && (place.path === parent || place.path === at))
    .map(({ path: at }): ListedPath => ({ path: at, kind: 'special', sizeBytes: 0, mtimeMs: 0, state: 'waiting' }));
  const rest = entries.filter(({ name }) => isAfter(joinPath(parent, name))).slice(0, limit + 1);
  const rows = await store.rows(rest.map((entry) => entry.node));
  const listed = rest.map((entry, i): ListedPath => {
    const mtimeNs = rows[i]?.local?.stat.mtimeNs ?? rows[i]?.remote?.attributes?.mtimeNs ?? 0n;
    const at = joinPath(parent, entry.name);
    return {
      path: at,
      kind: entry.kind === 'mount' ? 'folder' : entry.kind,
      sizeBytes: entry.sizeBytes ?? 0,
      mtimeMs: Number(mtimeNs / 1_000_000n),
      state: stateOf(
        entry,
        waiting.some((one) => one.path === at),
      ),
    };
  });
  const all = [...listed, ...special].sort((a, b) => (a.path < b.path ? -1 : 1));
  const shown = all.slice(0, limit);
  return all.length > shown.length ? { entries: shown, next: shown[shown.length - 1]!.path } : { entries: shown };
}

/** What a folder holds, or the file itself. */
async function entriesAt({ running, path: at }: Place): Promise<{ entries: readonly ListedEntry[]; parent: RelPath }> {
  if (at !== '') {
    const beside = await running.engine.list(parentPath(at));
    const self = beside.find((entry) => entry.name === lastName(at));
    if (self !== undefined && self.kind !== 'folder') return { entries: [self], parent: parentPath(at) };
  }
  return { entries: await running.engine.list(at), parent: at };
}

function stateOf({ state, isSafe }: ListedEntry, isWaiting: boolean): ListedPath['state'] {
  if (isWaiting) return 'waiting';
  if (state === 'synced') return 'safe';
  if (state === 'quarantined') return 'attention';
  if (state === 'unticked' || state === 'frozen' || state === 'one-way') return state;
  if (state === 'there') return 'arriving';
  return isSafe ? 'arriving' : 'not-yet-safe';
}

/** Newest first. */
export async function listVersionsOf({ running, path: at }: Place): Promise<Version[]> {
  const versions = await running.engine.versions(at);
  return versions
    .map(({ version, device, deviceName, acceptedAtMs, sizeBytes, isCurrent }, i): Version => ({
      version: String(version),
      atMs: acceptedAtMs,
      sizeBytes: sizeBytes ?? 0,
      device: { id: device, name: deviceName ?? device.slice(0, 8) },
      kind: i === 0 ? 'added' : 'edited',
      isCurrent,
    }))
    .reverse();
}

export async function restorePath(
  place: Place,
  args: RestoreArgs,
  runners: readonly FolderRunner[],
): Promise<{ path: string }> {
  const wanted = args.version ?? (await listVersionsOf(place)).find((version) => !version.isCurrent)?.version;
  if (wanted === undefined) throw new OnefoldError('not-found', 'there is no older version');
  const target = args.to === undefined ? place : placeOf(runners, { ...args, path: args.to });
  if (target.runner !== place.runner)
    throw new OnefoldError('invalid-argument', 'a version goes back into its own folder');
  await place.running.engine.restoreVersion(place.path, Number(wanted), target.path);
  return { path: args.folder === undefined ? path.join(place.runner.folder.path, target.path) : target.path };
}

export async function listConflictCopies(
  context: AccountContext,
  runners: readonly FolderRunner[],
): Promise<ConflictCopy[]> {
  const found: ConflictCopy[] = [];
  for (const runner of runners) {
    for (const item of (await runner.running()?.engine.conflicts()) ?? []) {
      const { device, name } = readConflictName(lastName(item.path));
      const known = [...context.keys.chain().devices.keys()].find((id) => context.keys.deviceName(id) === device);
      const by: Device = { id: known ?? (device === '' ? 'unknown' : device), name: device };
      const original = joinPath(parentPath(item.path), name);
      found.push({ folder: runner.folder.path, path: item.path, original, device: by, atMs: item.sinceMs });
    }
  }
  return found;
}

/** Takes `report (conflict, Laptop, 2026-11-22 14.03).txt` apart. */
function readConflictName(name: string): { device: string; name: string } {
  const parts = /^(.*) \(conflict, (.{1,64}), \d{4}-\d\d-\d\d \d\d\.\d\d(?: \d+)?\)(\.[^.]*)?$/su.exec(name);
  if (parts === null || !isConflictName(name)) return { device: '', name };
  return { device: parts[2] ?? '', name: (parts[1] ?? '') + (parts[3] ?? '') };
}
