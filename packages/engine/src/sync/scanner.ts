import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import { joinPath } from '../core/names.ts';
import type { FileStat, NodeRow, RelPath } from '../core/tree.ts';
import type { Listing } from '../ports.ts';
import { createArrivals } from './arrivals.ts';
import { createHints } from './hints.ts';
import { createIgnoreFiles } from './ignore-files.ts';
import { giveUpResidue, isPartlyUnknown, knownOnItsVolume } from './listed-folder.ts';
import { createLeftNote } from './left-note.ts';
import { createProbe, type Task } from './probe-hints.ts';
import { createRipeness } from './ripeness.ts';
import type { Scanner } from './scanner-port.ts';
import { takeSightings, type FolderFound, type ScanTools, type Sighting } from './scan-folder.ts';
import { createScanTroubles } from './scan-troubles.ts';
import type { Session } from './session.ts';
import { createUnlisted } from './unlisted.ts';
import { createVacated, removeLocal } from './vacated.ts';

/*
 * Brings the Local tree in step with the disk, a piece at a time.
 *
 *   hints, due looks -----> probe: stat of single paths ---> known or new: taken     missing: its folder is listed
 *   full scan, new folders > list: whole folders ----------> missing: waits for two seconds
 *   nothing else to look at  list once more, the folders in which something is missing for that long ----> still missing: gone
 *   a folder does not open   it is tried for ten seconds, and until then nothing is gone
 */

const FOLDERS_AT_ONCE = 64;
/** After this many entries the cycle goes on; the rest follows in the next one. */
const ENTRIES_PER_TURN = 10_000;

export function createScanner(session: Session): Scanner {
  const { files, store, clock } = session.ports;
  const hints = createHints(clock);
  const queue: Task[] = [];
  const troubles = createScanTroubles();
  const ripeness = createRipeness(clock, () => files.mtimeGranularityNs());
  const rules = createIgnoreFiles(session);
  const vacated = createVacated(clock, {
    isAwaited: (stat) => ripeness.isAwaiting(stat),
    isAllSeen: isEverythingSeen,
  });
  const tools: ScanTools = {
    session,
    rules,
    ripeness,
    vacated,
    leftNote: createLeftNote(session, vacated),
    undecided: new Set(),
    trouble: (path, code) => troubles.set(path, code),
  };
  const unlisted = createUnlisted(clock);
  const arrivals = createArrivals(session, tools.vacated);
  const probe = createProbe(tools, { hints, queue, troubles });
  let requested = 0;
  let running: number | null = null;
  let completed = 0;
  /** The root as it was checked at the beginning of this turn. */
  let rootStat: FileStat | null = null;

  function isAllSeen(): boolean {
    return hints.paths.size === 0 && queue.length === 0 && requested <= completed;
  }

  /** What is missing is in no folder either that does not open just now. */
  function isEverythingSeen(): boolean {
    return isAllSeen() && awaitedMs() === null;
  }

  /** Until what keeps anything from counting as deleted is to be looked at; null when nothing does. */
  function awaitedMs(): number | null {
    const dues = [unlisted.nextDueMs(), hints.nextDueMs()].filter((ms) => ms !== null);
    return dues.length === 0 ? null : Math.min(...dues);
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
    if (hints.isSilent()) requested++;
    if (requested > completed && running === null) {
      running = requested;
      queue.unshift({ node: ROOT_NODE, path: '', isDeep: true });
    }
    const due = lookAgain();
    queue.push(...(await foldersOf(unlisted.due(), (node) => unlisted.listed(node))));
    follow(await probe(), new Set());
    let seen = 0;
    while (queue.length > 0 && seen < ENTRIES_PER_TURN) seen += await listSome(queue.splice(0, FOLDERS_AT_ONCE), false);
    // What is listed only in the next turn is still waited for.
    if (queue.length === 0) tools.ripeness.settle(due);
    if (queue.length === 0 && running !== null) {
      completed = running;
      running = null;
      if (completed === requested) await rules.scanned();
    }
    if (isEverythingSeen()) await confirmMissing();
    await tools.leftNote.tidy();
    return { outcome: 'scanned', isMore: queue.length > 0 || requested > completed };
  }

  async function loadRules(): Promise<void> {
    await rules.load();
    const folders = rules.foldersOf(hints.paths);
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
    await arrivals.look();
    const tasks = await foldersOf(tools.vacated.dueFolders(), (node) => tools.vacated.keepOnly(node, new Set()));
    while (tasks.length > 0) await listSome(tasks.splice(0, FOLDERS_AT_ONCE), true);
  }

  /** To be listed; those that are known no more are handed to `forget`. */
  async function foldersOf(nodes: readonly NodeId[], forget: (node: NodeId) => void): Promise<Task[]> {
    const tasks: Task[] = [];
    for (const node of nodes) {
      const path = node === ROOT_NODE ? '' : await session.paths.folder(node);
      if (path !== null) tasks.push({ node, path, isDeep: false });
      else forget(node);
    }
    return tasks;
  }

  /** Files that should stand still by now. */
  function lookAgain(): RelPath[] {
    const due = tools.ripeness.due();
    for (const path of due) hints.add(path);
    return due;
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
    // Together: what one of them takes from another's folder is no longer what was known there.
    if (sightings.length > 0) follow(await takeSightings(tools, sightings), deep);
    return seen;
  }

  async function sightingOf(task: Task, listing: Listing, isConfirming: boolean): Promise<Sighting | null> {
    if (listing.outcome === 'missing') {
      unlisted.listed(task.node);
      // Behind a rule nobody looks what became of it, and so nobody waits for what was missing in it.
      // With a folder that is waited for itself, what was missing in it goes or comes back.
      if (session.rules(task.path, true) || tools.vacated.isMissing(task.node))
        tools.vacated.keepOnly(task.node, new Set());
      // Its own folder tells whether it is gone.
      else if (task.path !== '') hints.add(task.path);
      return null;
    }
    tools.trouble(task.path, listing.outcome === 'failed' ? listing.code : null);
    if (listing.outcome === 'failed') {
      unlisted.failed(task.node);
      // What is missing in it is so only once it is listed again.
      tools.vacated.keepOnly(task.node, new Set());
      return null;
    }
    const [row] = task.node === ROOT_NODE ? [] : await store.rows([task.node]);
    if (!isTheFolder(task, row, listing.self)) {
      if (session.rules(task.path, true)) tools.vacated.keepOnly(task.node, new Set());
      return null;
    }
    const rows = await store.childrenOf('local', task.node);
    if (isPartlyUnknown(listing.unreadable, rows)) unlisted.failed(task.node);
    else unlisted.listed(task.node);
    const known = await knownOnItsVolume(session, task, row, listing.self, listing.entries, rows);
    if (known === null) {
      tools.vacated.keepOnly(task.node, new Set());
      return null;
    }
    // Before anything in it is taken for something to be synced.
    const isOther = await rules.listed(task.path, new Set(listing.entries.map(({ name }) => name)));
    // A scan from the top down comes to everything below by itself.
    if (isOther && !(task.isDeep && running !== null)) requested++;
    tools.trouble(task.path, rules.failure(task.path));
    troubles.dropOld(task.path, listing.entries);
    for (const { name, code } of listing.unreadable) tools.trouble(joinPath(task.path, name), code);
    if (listing.entries.length + listing.unreadable.length + known.length === 0)
      await giveUpResidue(session, task.node, rootStat?.device);
    return {
      folder: task.node,
      path: task.path,
      entries: listing.entries,
      known,
      isComplete: true,
      isConfirming,
      device: listing.self.device,
      unreadable: new Set(listing.unreadable.map(({ name }) => name)),
    };
  }

  /** What was listed is the folder that is recorded, and not another one that took its path a moment ago. */
  function isTheFolder(task: Task, row: NodeRow | undefined, self: FileStat): boolean {
    if (task.node === ROOT_NODE) return self.inode === rootStat?.inode && self.device === rootStat.device;
    const recorded = row?.local?.stat;
    if (recorded === undefined || recorded.device !== self.device || recorded.inode === self.inode) return true;
    // The look at its own folder tells what became of it.
    hints.add(task.path);
    return false;
  }

  /** `deep`: folders below which known ones are listed too. */
  function follow(found: readonly FolderFound[], deep: ReadonlySet<NodeId>): void {
    for (const { node, parent, path, isNew } of found) {
      if (isNew || deep.has(parent)) queue.push({ node, path, isDeep: true });
    }
  }

  return {
    hint: (paths) => paths.forEach(hints.add),
    suspect: (paths) => paths.forEach(hints.suspect),
    requestFull: () => ++requested,
    completed: () => completed,
    turn,
    nextDueMs() {
      const [missing, awaited] = [tools.vacated.nextDueMs(), awaitedMs()];
      const vacatedMs = missing === null || awaited === null ? missing : Math.max(missing, awaited);
      const dues = [tools.ripeness.nextDueMs(), vacatedMs, awaited].filter((ms) => ms !== null);
      return dues.length === 0 ? null : Math.min(...dues);
    },
    unripe: () => tools.ripeness.size(),
    vacated: () => tools.vacated.size(),
    heldElsewhere: () => arrivals.held(),
    relocate(from, to) {
      ripeness.relocate(from, to);
      rules.relocate(from, to);
      hints.relocate(from, to);
      queue.forEach((task, i) => {
        if (task.path === from || task.path.startsWith(`${from}/`))
          queue[i] = { ...task, path: to + task.path.slice(from.length) };
      });
    },
    lookOutFor: (row) => tools.vacated.leave(row),
    lose: (rows) =>
      removeLocal(session, rows, (row) => tools.vacated.leave(row), { facts: () => tools.leftNote.facts() }),
    recall: () => tools.leftNote.recall(),
    isLeaving: (node) => tools.vacated.isLeaving(node),
    isBusy: () => !isAllSeen(),
    troubles: () => troubles.all(),
    isUnripe: (path) => tools.ripeness.isUnripe(path),
    rules,
    async rereadRules(paths) {
      if (await rules.read(rules.foldersOf(paths))) requested++;
    },
  };
}
