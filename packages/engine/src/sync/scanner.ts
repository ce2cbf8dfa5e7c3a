import { ROOT_NODE, type ErrorCode, type NodeId } from '@onefold/protocol';
import { diskNameOf, isFolding } from '../core/local-name.ts';
import { joinPath, lastName, parentPath } from '../core/names.ts';
import { emptiedResidue } from '../core/residue.ts';
import type { FileStat, Name, NodeRow, RelPath } from '../core/tree.ts';
import type { Listing } from '../ports.ts';
import { createIgnoreFiles, type IgnoreFiles } from './ignore-files.ts';
import { createRipeness } from './ripeness.ts';
import { takeSightings, type FolderFound, type ScanTools, type Sighting } from './scan-folder.ts';
import { record, type Session } from './session.ts';
import { createVacated, removeLocal } from './vacated.ts';

/*
 * Brings the Local tree in step with the disk, a piece at a time.
 *
 *   hints, due looks -----> probe: stat of single paths ---> known or new: taken     missing: its folder is listed
 *   full scan, new folders > list: whole folders ----------> missing: waits for two seconds
 *   nothing else to look at  list once more, the folders in which something is missing for that long ----> still missing: gone
 */

const FOLDERS_AT_ONCE = 64;
/** Above this many asked-about entries of one folder the folder is listed instead. */
const MAX_PROBES = 64;
/** After this many entries the cycle goes on; the rest follows in the next one. */
const ENTRIES_PER_TURN = 10_000;

interface Task {
  readonly node: NodeId;
  readonly path: RelPath;
  /** Known folders below it are listed too. */
  readonly isDeep: boolean;
}

export interface Scanner {
  hint(paths: readonly RelPath[]): void;
  /** Asks for a look at everything that begins from now on; its number is done when completed() has reached it. */
  requestFull(): number;
  completed(): number;
  /**
   * One turn of scanning. `unseen`: the root is not what it should be. `unexplained`: what this engine itself did to the disk is not known
   * yet. In both cases nothing may be concluded.
   */
  turn(): Promise<
    | { readonly outcome: 'scanned'; readonly isMore: boolean }
    | { readonly outcome: 'unseen'; readonly code: ErrorCode }
    | { readonly outcome: 'unexplained' }
  >;
  nextDueMs(): number | null;
  /** Files not yet taken because they are still being written. */
  unripe(): number;
  /** Entries missing on disk that are not yet believed to be deleted. */
  vacated(): number;
  /** This engine moved a folder: what is still to be looked at below it is below its new path. */
  relocate(from: RelPath, to: RelPath): void;
  /** These are not where their rows say. */
  lose(rows: readonly NodeRow[]): Promise<void>;
  /** It may stand anywhere: found again it is this node, as it would be at its place. */
  lookOutFor(row: NodeRow): void;
  /** Its path was taken by another kind of thing just now: it may turn up elsewhere, and is left alone until then. */
  isLeaving(node: NodeId): boolean;
  /** Whether hints, folders or looks wait for a turn. */
  isBusy(): boolean;
  troubles(): ReadonlyMap<RelPath, ErrorCode>;
  /** Not taken yet, because it is still being written to. */
  isUnripe(path: RelPath): boolean;
  rules: IgnoreFiles;
  /** Reads rules files that this engine has just written, before anything else is planned. */
  rereadRules(paths: readonly RelPath[]): Promise<void>;
}

export function createScanner(session: Session): Scanner {
  const { files, store, clock } = session.ports;
  const hints = new Set<RelPath>();
  const queue: Task[] = [];
  const troubles = new Map<RelPath, ErrorCode>();
  /** Hinted paths of which the disk would not say once what stands there. */
  const unanswered = new Set<RelPath>();
  const ripeness = createRipeness(clock, () => files.mtimeGranularityNs());
  const rules = createIgnoreFiles(session);
  const tools: ScanTools = {
    session,
    rules,
    ripeness,
    vacated: createVacated(clock, { isAwaited: (stat) => ripeness.isAwaiting(stat), isAllSeen }),
    undecided: new Set(),
    trouble(path, code) {
      if (code === null) troubles.delete(path);
      else troubles.set(path, code);
    },
  };
  let requested = 0;
  let running: number | null = null;
  let completed = 0;
  /** The root as it was checked at the beginning of this turn. */
  let rootStat: FileStat | null = null;

  function isAllSeen(): boolean {
    return hints.size === 0 && queue.length === 0 && requested <= completed;
  }

  async function turn(): ReturnType<Scanner['turn']> {
    const root = await files.checkRoot();
    if (root.outcome !== 'present') {
      const code = root.outcome === 'missing' ? 'root-missing' : 'root-replaced';
      const message = root.outcome === 'missing' ? 'the folder is not where it was' : root.why;
      await session.attention.raise({ id: 'root', code, path: '', message });
      return { outcome: 'unseen', code };
    }
    await session.attention.clear(['root']);
    if (session.unexplained !== 'nothing') return { outcome: 'unexplained' };
    rootStat = root.stat;
    await loadRules();
    if (requested > completed && running === null) {
      running = requested;
      queue.unshift({ node: ROOT_NODE, path: '', isDeep: true });
    }
    const due = lookAgain();
    await probe();
    let seen = 0;
    while (queue.length > 0 && seen < ENTRIES_PER_TURN) seen += await listSome(queue.splice(0, FOLDERS_AT_ONCE), false);
    // What is listed only in the next turn is still waited for.
    if (queue.length === 0) tools.ripeness.settle(due);
    if (queue.length === 0 && running !== null) {
      completed = running;
      running = null;
      if (completed === requested) await rules.scanned();
    }
    if (isAllSeen()) await confirmMissing();
    return { outcome: 'scanned', isMore: queue.length > 0 || requested > completed };
  }

  async function loadRules(): Promise<void> {
    await rules.load();
    const folders = rules.foldersOf(hints);
    if (requested > completed) folders.push('');
    // When a scan begins also of folders that are gone, and so in no listing.
    if (requested > completed && running === null) folders.push(...rules.texts().keys());
    // What was looked at by the old ones is looked at again.
    if ((await rules.read(folders)) && completed > 0) requested++;
  }

  /**
   * Lists the folders in which something is missing for long enough. Only once there is nothing else to look at: what was moved may stand in
   * a folder whose turn has not come, however long ago it left.
   */
  async function confirmMissing(): Promise<void> {
    const tasks: Task[] = [];
    for (const node of tools.vacated.dueFolders()) {
      const path = node === ROOT_NODE ? '' : await session.paths.folder(node);
      if (path !== null) tasks.push({ node, path, isDeep: false });
      else tools.vacated.keepOnly(node, new Set());
    }
    while (tasks.length > 0) await listSome(tasks.splice(0, FOLDERS_AT_ONCE), true);
  }

  /** Files that should stand still by now. */
  function lookAgain(): RelPath[] {
    const due = tools.ripeness.due();
    for (const path of due) hints.add(path);
    return due;
  }

  async function probe(): Promise<void> {
    const byFolder = new Map<RelPath, Name[]>();
    for (const path of hints) {
      if (path === '') queue.push({ node: ROOT_NODE, path: '', isDeep: false });
      // Which of the two it is, only the look tells.
      else if (!session.rules(path, false) || !session.rules(path, true))
        append(byFolder, parentPath(path), lastName(path));
    }
    hints.clear();
    const probes: { folder: Task; names: Name[] }[] = [];
    for (const [path, names] of byFolder) {
      const folder = await resolve(path);
      if (folder === null) continue;
      // A folder that is not known yet is found from the nearest one that is.
      if (folder.path !== path || names.length > MAX_PROBES) queue.push({ ...folder, isDeep: false });
      else probes.push({ folder, names });
    }
    const sightings: Sighting[] = [];
    for (const { folder, names } of probes) sightings.push(...(await probeFolder(folder, names)));
    follow(await takeSightings(tools, sightings), false);
  }

  async function probeFolder(folder: Task, names: readonly Name[]): Promise<Sighting[]> {
    const stats = await files.stat(names.map((name) => joinPath(folder.path, name)));
    const rows = await store.childrenOnDisk(names.map((name) => ({ parent: folder.node, name })));
    const entries: { name: Name; stat: FileStat }[] = [];
    names.forEach((name, i) => {
      const stat = stats[i] ?? null;
      if (stat === null || !('outcome' in stat)) unanswered.delete(joinPath(folder.path, name));
      if (stat === null) {
        tools.ripeness.forget(joinPath(folder.path, name));
        forgetTroubles(joinPath(folder.path, name));
        if (rows[i] !== undefined) queue.push({ ...folder, isDeep: false });
      } else if (!('outcome' in stat)) {
        const row = rows[i];
        // Another kind of thing under the same name: only a listing tells what became of the old one.
        if (row !== undefined && row.local!.kind !== stat.kind) queue.push({ ...folder, isDeep: false });
        // Such a disk answers to names that are not the entry's own: what it is called only a listing tells.
        else if (row === undefined && isFolding(files.nameRules())) queue.push({ ...folder, isDeep: false });
        else entries.push({ name, stat });
        const path = joinPath(folder.path, name);
        if (row?.local?.kind === 'folder' && stat.kind === 'folder' && !session.rules(path, true))
          queue.push({ node: row.node, path, isDeep: false });
      } else askAgain(joinPath(folder.path, name), folder);
    });
    const known = rows.filter((row) => row !== undefined);
    const about = { folder: folder.node, path: folder.path, entries, known, unreadable: new Set<Name>() };
    return [{ ...about, isComplete: false, isConfirming: false }];
  }

  /** What could not be looked at may be what is missing elsewhere: it is asked about once more, and then its folder is listed. */
  function askAgain(path: RelPath, folder: Task): void {
    if (unanswered.delete(path)) queue.push({ ...folder, isDeep: false });
    else {
      unanswered.add(path);
      hints.add(path);
    }
  }

  async function listSome(tasks: readonly Task[], isConfirming: boolean): Promise<number> {
    // One sighting a folder: two would each take what is new in it for a new node.
    const byNode = new Map<NodeId, Task>();
    for (const task of tasks)
      byNode.set(task.node, { ...task, isDeep: task.isDeep || byNode.get(task.node)?.isDeep === true });
    const unique = [...byNode.values()];
    const listings = await files.list(unique.map((task) => task.path));
    const sightings: Sighting[] = [];
    const deep = new Set<NodeId>();
    let seen = 0;
    for (const [i, task] of unique.entries()) {
      const listing = listings[i]!;
      seen += 1 + (listing.outcome === 'listed' ? listing.entries.length : 0);
      const sighting = await sightingOf(task, listing, isConfirming);
      if (sighting !== null) sightings.push(sighting);
      if (task.isDeep) deep.add(task.node);
    }
    // Between the check of the root and the listing another folder may have come to stand there.
    if ((await files.checkRoot()).outcome !== 'present') {
      running = null;
      queue.length = 0;
      requested++;
      return seen;
    }
    const isDeepBatch = deep.size === unique.length;
    for (const group of isDeepBatch || deep.size === 0 ? [sightings] : sightings.map((sighting) => [sighting])) {
      if (group.length > 0) follow(await takeSightings(tools, group), deep.has(group[0]!.folder));
    }
    return seen;
  }

  async function sightingOf(task: Task, listing: Listing, isConfirming: boolean): Promise<Sighting | null> {
    if (listing.outcome === 'missing') {
      // Behind a rule nobody looks what became of it, and so nobody waits for what was missing in it.
      // With a folder that is waited for itself, what was missing in it goes or comes back.
      if (session.rules(task.path, true) || tools.vacated.isMissing(task.node))
        tools.vacated.keepOnly(task.node, new Set());
      // Its own folder tells whether it is gone.
      else if (task.path !== '') hints.add(task.path);
      return null;
    }
    tools.trouble(task.path, listing.outcome === 'failed' ? listing.code : null);
    if (listing.outcome === 'failed') return null;
    if (!(await isTheFolder(task, listing.self))) return null;
    const known = await store.childrenOf('local', task.node);
    if (!(await isOnItsVolume(task, listing.self, listing.entries, known))) return null;
    // Before anything in it is taken for something to be synced.
    const isOther = await rules.listed(task.path, new Set(listing.entries.map(({ name }) => name)));
    // A scan from the top down comes to everything below by itself.
    if (isOther && !(task.isDeep && running !== null)) requested++;
    dropOldTroubles(task.path, listing.entries);
    for (const { name, code } of listing.unreadable) tools.trouble(joinPath(task.path, name), code);
    if (listing.entries.length + listing.unreadable.length + known.length === 0) await giveUpResidue(task.node);
    return {
      folder: task.node,
      path: task.path,
      entries: listing.entries,
      known,
      isComplete: true,
      isConfirming,
      unreadable: new Set(listing.unreadable.map(({ name }) => name)),
    };
  }

  /** Nothing stands there any more: neither it nor anything below it is in trouble. */
  function forgetTroubles(path: RelPath): void {
    for (const known of troubles.keys()) if (known === path || known.startsWith(`${path}/`)) troubles.delete(known);
  }

  /** What was in trouble in a folder that is listed now, and is not any more. A folder's own trouble ends when it is listed itself. */
  function dropOldTroubles(
    folder: RelPath,
    entries: readonly { readonly name: Name; readonly stat: FileStat }[],
  ): void {
    if (troubles.size === 0) return;
    const kinds = new Map(entries.map(({ name, stat }) => [name, stat.kind]));
    for (const known of [...troubles.keys()]) {
      if (known === '' || (folder !== '' && !known.startsWith(`${folder}/`))) continue;
      const [name = ''] = known.slice(folder === '' ? 0 : folder.length + 1).split('/');
      const kind = kinds.get(name);
      if (kind === undefined) forgetTroubles(joinPath(folder, name));
      else if (kind !== 'special' && kind !== 'folder') troubles.delete(joinPath(folder, name));
    }
  }

  /** A folder deleted elsewhere stayed for what it held untracked. Nothing is left in it. */
  async function giveUpResidue(node: NodeId): Promise<void> {
    const [row] = node === ROOT_NODE ? [] : await store.rows([node]);
    const emptied = row === undefined ? null : emptiedResidue(row);
    if (emptied !== null) await record(session, { rows: [emptied] });
  }

  /** What was listed is the folder that is recorded, and not another one that took its path a moment ago. */
  async function isTheFolder(task: Task, self: FileStat): Promise<boolean> {
    if (task.node === ROOT_NODE) return self.inode === rootStat?.inode && self.device === rootStat.device;
    const [row] = await store.rows([task.node]);
    const recorded = row?.local?.stat;
    if (recorded === undefined || recorded.device !== self.device || recorded.inode === self.inode) return true;
    // The look at its own folder tells what became of it.
    hints.add(task.path);
    return false;
  }

  /**
   * An unmounted disk inside the root is unseen, not empty. A volume that only got another number shows what was known on it.
   */
  async function isOnItsVolume(
    task: Task,
    self: FileStat,
    entries: readonly { readonly name: Name; readonly stat: FileStat }[],
    known: readonly NodeRow[],
  ): Promise<boolean> {
    if (task.node === ROOT_NODE) return true;
    const [row] = await store.rows([task.node]);
    if (row?.local == null) return true;
    const recorded = row.local.stat;
    const id = `volume:${task.node}`;
    if (recorded.device !== self.device) {
      const inodes = new Map(entries.map(({ name, stat }) => [name, stat.inode]));
      const isKnown =
        known.length === 0 || known.some(({ local }) => inodes.get(diskNameOf(local!)) === local!.stat.inode);
      if (!isKnown) {
        const message = 'another disk stands here than before, or none: nothing in it counts as deleted';
        await session.attention.raise({ id, code: 'volume-missing', path: task.path, message });
        return false;
      }
      await record(session, { rows: [{ ...row, local: { ...row.local, stat: self } }] });
    }
    await session.attention.clear([id]);
    return true;
  }

  function follow(found: readonly FolderFound[], isDeep: boolean): void {
    for (const { node, path, isNew } of found) {
      if (isDeep || isNew) queue.push({ node, path, isDeep: true });
    }
  }

  /** The folder at a path, or the nearest known one above it. */
  async function resolve(path: RelPath): Promise<Task | null> {
    let at: Task = { node: ROOT_NODE, path: '', isDeep: false };
    for (const name of path === '' ? [] : path.split('/')) {
      const [row] = await store.childrenOnDisk([{ parent: at.node, name }]);
      if (row?.local == null) return at;
      if (row.local.kind !== 'folder') return at;
      at = { node: row.node, path: joinPath(at.path, name), isDeep: false };
    }
    return at;
  }

  return {
    hint: (paths) => paths.forEach((path) => hints.add(path)),
    requestFull: () => ++requested,
    completed: () => completed,
    turn,
    nextDueMs() {
      const dues = [tools.ripeness.nextDueMs(), tools.vacated.nextDueMs()].filter((ms) => ms !== null);
      return dues.length === 0 ? null : Math.min(...dues);
    },
    unripe: () => tools.ripeness.size(),
    vacated: () => tools.vacated.size(),
    relocate(from, to) {
      ripeness.relocate(from, to);
      rules.relocate(from, to);
      const isBelow = (path: RelPath): boolean => path.startsWith(`${from}/`);
      for (const path of [...hints].filter(isBelow)) {
        hints.delete(path);
        hints.add(to + path.slice(from.length));
      }
      queue.forEach((task, i) => {
        if (task.path === from || isBelow(task.path)) queue[i] = { ...task, path: to + task.path.slice(from.length) };
      });
    },
    lookOutFor: (row) => tools.vacated.leave(row),
    lose: (rows) => removeLocal(session, rows, (row) => tools.vacated.leave(row)),
    isLeaving: (node) => tools.vacated.isLeaving(node),
    isBusy: () => !isAllSeen(),
    troubles: () => troubles,
    isUnripe: (path) => tools.ripeness.isUnripe(path),
    rules,
    async rereadRules(paths) {
      if (await rules.read(rules.foldersOf(paths))) requested++;
    },
  };
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
