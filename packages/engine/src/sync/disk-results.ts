import type { ErrorCode } from '@onefold/protocol';
import { isConflictName } from '../core/conflict-name.ts';
import { diskNameOf, isFolding, namedAs } from '../core/local-name.ts';
import { lastName } from '../core/names.ts';
import { shownAttributes } from '../core/settled.ts';
import type { FileStat, NodeRow, RelPath } from '../core/tree.ts';
import { agreed } from '../core/agree.ts';
import type { ActivityItem, ChangeResult, DiskIntent } from '../ports.ts';
import type { Step } from './disk-steps.ts';
import { fail } from './fail.ts';
import { record, type Session } from './session.ts';
import { isSameFile, touchedBy } from './same-file.ts';
import { settleIntents } from './settle.ts';
import { syncedAs } from './synced-as.ts';
import { recordable } from './too-fresh.ts';
import { succeed } from './succeed.ts';

/** People read the last few; a first sync must not write a novel. */
const ACTIVITY_PER_BATCH = 100;

interface Outcome {
  readonly rows: NodeRow[];
  readonly activity: Omit<ActivityItem, 'id'>[];
  readonly settledIntents: string[];
  /** Nodes in staging on their way to another name, with what was recorded of that. */
  readonly parked: Map<NodeRow['node'], DiskIntent>;
  readonly leftovers: RelPath[];
  readonly succeeded: NodeRow[];
  readonly failed: { readonly step: Step; readonly code: ErrorCode }[];
  readonly copies: { readonly node: NodeRow['node']; readonly path: RelPath }[];
}

/** Takes what the disk answered into Local and Synced, in one transaction. Answers how many operations went through. */
export async function takeResults(
  session: Session,
  steps: readonly Step[],
  results: readonly ChangeResult[],
): Promise<number> {
  const outcome: Outcome = {
    rows: [],
    activity: [],
    settledIntents: [],
    parked: new Map(),
    leftovers: [],
    succeeded: [],
    failed: [],
    copies: [],
  };
  const latest = new Map<string, NodeRow>();
  let at = 0;
  for (const step of steps) {
    const its = results.slice(at, at + step.changes.length);
    at += step.changes.length;
    takeStep(session, { ...step, row: latest.get(step.row.node) ?? step.row }, its, outcome, latest);
  }
  await makeWay(session, outcome.rows, latest);
  await record(session, {
    rows: [...new Map(outcome.rows.map((row) => [row.node, row])).values()],
    activity: outcome.activity.slice(0, ACTIVITY_PER_BATCH),
    diskIntents: { remove: outcome.settledIntents },
  });
  if (outcome.parked.size > 0) await goBack(session, [...outcome.parked.values()]);
  if (outcome.leftovers.length > 0) await session.ports.files.discard(outcome.leftovers);
  for (const { node, path } of outcome.copies) await session.noteConflict(node, path);
  for (const { step, code } of outcome.failed) await fail(session, step.row, step.path, 'down', code);
  await succeed(session, outcome.succeeded);
  return outcome.succeeded.length;
}

/** What was parked and did not get its new name goes back to its old one: in staging nobody would find it. */
async function goBack(session: Session, parked: readonly DiskIntent[]): Promise<void> {
  const { isExplained } = await settleIntents(session, parked);
  if (!isExplained) session.unexplained = 'intents';
}

/**
 * A place that was free on the disk when a node took it is not where another node stands, whatever its row says: somebody moved or removed
 * that one a moment ago.
 */
async function makeWay(
  session: Session,
  rows: readonly NodeRow[],
  latest: ReadonlyMap<string, NodeRow>,
): Promise<void> {
  // A folder that could be trashed was empty: what the Local tree has in it is elsewhere, or gone.
  for (const row of rows) {
    const before = row.local === null ? await session.ports.store.childrenOf('local', row.node) : [];
    await session.lose(before.filter((child) => !latest.has(child.node)));
  }
  const places = rows.flatMap((row) =>
    row.local === null ? [] : [{ parent: row.local.parent, name: diskNameOf(row.local), node: row.node }],
  );
  if (places.length === 0) return;
  const holders = await session.ports.store.childrenOnDisk(places);
  const displaced = holders.filter(
    (holder, i) => holder !== undefined && holder.node !== places[i]!.node && !latest.has(holder.node),
  );
  await session.lose(displaced.filter((row) => row !== undefined));
}

function takeStep(
  session: Session,
  step: Step,
  results: readonly ChangeResult[],
  outcome: Outcome,
  latest: Map<string, NodeRow>,
): void {
  const failure = results.find((result) => result.outcome !== 'done');
  const keep = (row: NodeRow): void => {
    latest.set(row.node, row);
    outcome.rows.push(row);
  };
  step.changes.forEach((change, i) => {
    if (change.op === 'move' && results[i]?.outcome === 'done') session.relocated(change.from, change.to);
  });
  const isParking = step.operation.op === 'park' && failure === undefined;
  for (const intent of step.intents) {
    if (isParking) outcome.parked.set(step.row.node, intent);
    else if (failure !== undefined || !isKept(step, intent)) outcome.settledIntents.push(intent.id);
  }
  // The local loser of a conflict has its new name even if its place could not be filled.
  if (step.copy !== null && results[0]?.outcome === 'done' && results[0].stat !== null) {
    const { node, name, path } = step.copy;
    keep({
      node,
      local: {
        ...step.row.local!,
        ...namedAs(name, lastName(path)),
        stat: toRecord(session, path, results[0].stat),
      },
      remote: null,
      synced: null,
    });
    outcome.copies.push(step.copy);
    outcome.activity.push(activityOf(session, step, 'conflict', path, step.path));
    if (failure !== undefined) keep({ ...step.row, local: null, synced: null });
  }
  if (failure !== undefined && isResidue(step, failure)) {
    // What is left in it is not tracked: folder and content stay, as this device's own.
    const row = { ...step.row, synced: null };
    keep(row);
    outcome.succeeded.push(row);
    // Should it be empty by now, the next look says so; that no disk is there any more another one does.
    if (failure.outcome === 'precondition') session.hint([step.path]);
    return;
  }
  if (failure !== undefined) {
    if (step.staged !== null) outcome.leftovers.push(step.staged.path);
    session.transfers.placed(step.row.node);
    const code = failure.outcome === 'failed' ? failure.code : obstacle(session, step.path, failure);
    const row = touchedBy(failure, latest.get(step.row.node) ?? step.row);
    if (row !== null) keep(row);
    outcome.failed.push({ step, code });
    return;
  }
  const parked = step.operation.op === 'move' ? outcome.parked.get(step.row.node) : undefined;
  if (parked !== undefined) {
    outcome.settledIntents.push(parked.id);
    outcome.parked.delete(step.row.node);
  }
  const last = results.at(-1)!;
  const stat = last.outcome === 'done' ? last.stat : null;
  const row = rowAfter(step, stat === null ? null : toRecord(session, step.path, stat));
  if (row === null) return;
  keep(row);
  outcome.succeeded.push(row);
  if (step.displaced !== null) session.displaced.add(step.intents.at(-1)!);
  if (step.operation.op === 'create' && isConflictName(step.operation.name))
    outcome.copies.push({ node: row.node, path: step.path });
  const kind = activityKind(step);
  if (kind !== null) outcome.activity.push(activityOf(session, step, kind, step.path, pathBefore(step)));
  session.transfers.placed(row.node);
}

/** What was put too recently to be known by its times is looked at once more. */
function toRecord(session: Session, path: RelPath, stat: FileStat): FileStat {
  const recorded = recordable(session.ports.files, stat);
  if (recorded !== stat) session.hint([path]);
  return recorded;
}

/** The replaced file is compared later: its intent is the last, and stays till then. */
function isKept({ displaced, intents }: Step, intent: DiskIntent): boolean {
  return displaced !== null && intent === intents.at(-1);
}

/** A folder deleted elsewhere that is not empty here, or that a disk is mounted on. */
function isResidue({ operation, row }: Step, failure: ChangeResult): boolean {
  if (operation.op !== 'trash' || row.local?.kind !== 'folder') return false;
  if (failure.outcome === 'failed') return failure.code === 'mount-point';
  return (
    failure.outcome === 'precondition' &&
    failure.found?.kind === 'folder' &&
    failure.found.inode === row.local.stat.inode
  );
}

function obstacle(session: Session, path: RelPath, failure: ChangeResult): ErrorCode {
  // What is not synced stands where the journal wants something: only its owner can say what is to become of it.
  if (failure.outcome === 'precondition' && failure.found?.kind === 'special') return 'special-file';
  const isInTheWay = failure.outcome === 'precondition' && failure.found !== null;
  if (isInTheWay && session.rules(path, failure.found.kind === 'folder')) return 'ignored-in-the-way';
  return isInTheWay && isFolding(session.ports.files.nameRules()) ? 'case-twin' : 'precondition-failed';
}

function rowAfter(step: Step, stat: FileStat | null): NodeRow | null {
  const { operation, row } = step;
  const remote = row.remote;
  switch (operation.op) {
    case 'trash':
      return { ...row, local: null, synced: null };
    case 'park':
      // Between two names: the move to the second one of the same batch tells where it stands.
      return null;
    case 'move': {
      if (stat === null || row.local === null || remote === null) return null;
      return agreed({
        ...row,
        local: { ...row.local, parent: operation.parent, ...namedAs(operation.name, lastName(step.path)), stat },
      });
    }
    case 'set-attributes': {
      if (stat === null || row.local === null || remote === null || row.synced === null) return null;
      const { attributes, attributesVersion } = remote;
      return {
        ...row,
        local: { ...row.local, stat },
        synced: { ...row.synced, attributes, attributesVersion, shown: shownAttributes(stat) },
      };
    }
    case 'create':
    case 'replace': {
      if (stat === null || remote === null) return null;
      const place =
        operation.op === 'create'
          ? { parent: operation.parent, ...namedAs(operation.name, lastName(step.path)) }
          : { parent: row.local!.parent, name: row.local!.name, diskName: row.local!.diskName };
      // A link that went to another disk is a copy of the one that was staged: nobody can have written to it.
      const isOurs = step.staged === null || stat.kind === 'link' || isSameFile(stat, step.staged.stat);
      const local = { kind: remote.kind, ...place, stat, content: isOurs ? remote.content : null };
      const given = step.staged === null ? remote.attributes : step.staged.attributes;
      const synced = syncedAs(remote, place, row.synced, given, shownAttributes(step.staged?.stat ?? stat));
      return { ...row, local, synced };
    }
  }
}

function activityKind(step: Step): ActivityItem['kind'] | null {
  const { operation, row } = step;
  switch (operation.op) {
    case 'create':
      return row.synced === null ? 'added' : 'restored';
    case 'replace':
      return step.copy === null ? 'edited' : null;
    case 'trash':
      return operation.isWithdrawn === true ? null : 'deleted';
    case 'move':
      return row.local?.parent === operation.parent ? 'renamed' : 'moved';
    case 'park':
    case 'set-attributes':
      return null;
  }
}

/** Where a moved entry stood; null for one that was parked meanwhile, whose old place nobody here knows any more. */
function pathBefore({ operation, changes: [change] }: Step): RelPath | null {
  if (operation.op !== 'move' || change?.op !== 'move' || change.from.split('/').includes('.onefold')) return null;
  return change.from;
}

function activityOf(
  session: Session,
  step: Step,
  kind: ActivityItem['kind'],
  path: RelPath,
  previousPath: RelPath | null,
): Omit<ActivityItem, 'id'> {
  const device = kind === 'conflict' ? session.device : (step.row.remote?.author ?? null);
  return { atMs: session.ports.clock.nowMs(), kind, path, previousPath, device };
}
