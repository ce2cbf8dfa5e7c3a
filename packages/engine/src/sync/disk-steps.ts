import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import type { DownOperation } from '../core/operation.ts';
import { diskNameOf, foldName } from '../core/local-name.ts';
import { joinPath, parentPath } from '../core/names.ts';
import { MAX_DEPTH } from '../core/plan-view.ts';
import { isSafe, shownAttributes } from '../core/settled.ts';
import type { LocalState, Name, NodeRow, RelPath } from '../core/tree.ts';
import type { DiskChange, DiskIntent } from '../ports.ts';
import { chooseDiskName } from './disk-names.ts';
import { intentFor, placedIntent } from './disk-intent.ts';
import { freshNodeId, type Session } from './session.ts';
import { syncedAs } from './synced-as.ts';
import { takenLabel } from './taken.ts';
import type { Staged } from './travelling.ts';

/** A read-only folder could not be filled: the owner may always write to and enter what is synced. */
const OWNER_MAY_ENTER = 0o700;

/** One operation as changes of the disk. All of them must succeed for it to have happened. */
export interface Step {
  readonly operation: DownOperation;
  readonly row: NodeRow;
  /** Where the node is afterwards, or was. */
  readonly path: RelPath;
  readonly changes: readonly DiskChange[];
  readonly intents: readonly DiskIntent[];
  readonly staged: Staged | null;
  /** Where the replaced file is kept until it has been compared. */
  readonly displaced: RelPath | null;
  /** For the loser of a conflict: its new node and path. */
  readonly copy: { readonly node: NodeId; readonly name: Name; readonly path: RelPath } | null;
}

/** Turns operations into changes. Paths follow the moves made earlier in the same batch. None at all when rows first have to be put right. */
export async function describeChanges(
  session: Session,
  operations: readonly DownOperation[],
  rows: ReadonlyMap<NodeId, NodeRow>,
  staged: ReadonlyMap<NodeId, Staged>,
): Promise<Step[]> {
  const { files } = session.ports;
  /** Nodes that this batch places or parks, and where. */
  const moved = new Map<NodeId, RelPath>();
  const folders = new Map<NodeId, RelPath>();
  /** The devices that they lie on. */
  const volumes = new Map<NodeId, bigint>();
  const trashed = new Set<NodeId>();
  /** Places this batch gives away, for disks that take different names for one. */
  const claimed = new Map<string, NodeId>();
  /** Rows that lie in no folder, or in each other: they say nothing of the disk, and no look at a folder would ever find that out. */
  const astray: NodeRow[] = [];
  const steps: Step[] = [];
  for (const operation of operations) {
    const row = rows.get(operation.node);
    const step = row === undefined ? null : await describe(operation, row);
    if (step !== null) steps.push(step);
  }
  if (astray.length === 0) return steps;
  await session.lose(astray);
  return [];

  function isHeldThere(row: NodeRow): boolean {
    return isSafe(row) && !session.lostContents.mayBeLost(row);
  }

  async function describe(operation: DownOperation, row: NodeRow): Promise<Step | null> {
    const from = row.local === null ? null : await pathOf(row);
    if (row.local !== null && from === null) {
      astray.push(row);
      return null;
    }
    const to = 'name' in operation ? await placeAt(operation.parent, operation.name, operation.node) : null;
    // A rename changed its ctime, by which replacing and trashing know a file: the next plan does that.
    if (moved.has(row.node) && (operation.op === 'replace' || operation.op === 'trash')) return null;
    const base = { operation, row, intents: [], staged: null, displaced: null, copy: null };
    switch (operation.op) {
      case 'create': {
        if (to === null) return null;
        moved.set(row.node, to);
        return describeCreate(base, to, operation);
      }
      case 'move': {
        if (to === null || from === null) return null;
        const change = {
          ...move(row, from, to),
          isRenamedSince: moved.has(row.node),
          volume: volumeOf(operation.parent),
        };
        arrive(row.node, to);
        return {
          ...base,
          path: to,
          changes: [change],
          intents: [intentFor(row, { op: 'move', to, name: operation.name, ...placeThen(row, operation) })],
        };
      }
      case 'park': {
        if (from === null) return null;
        const parked = files.stagingPath(from, takenLabel('parked', row.node, row.local!.stat));
        arrive(row.node, parked);
        return {
          ...base,
          path: parked,
          changes: [move(row, from, parked)],
          intents: [intentFor(row, { op: 'park', to: parked, at: from })],
        };
      }
      case 'trash':
        if (from === null) return null;
        trashed.add(row.node);
        return {
          ...base,
          path: from,
          intents: operation.isWithdrawn === true ? [intentFor(row, { op: 'withdraw', to: from })] : [],
          changes: [{ op: 'trash', path: from, expect: row.local!.stat, isSent: isHeldThere(row) }],
        };
      case 'set-attributes':
        if (from === null || row.remote?.attributes == null) return null;
        return {
          ...base,
          path: from,
          changes: [
            {
              op: 'set-attributes',
              path: from,
              expect: row.local!.stat,
              attributes: ownerMayEnter(row),
              isRenamedSince: moved.has(row.node),
            },
          ],
        };
      case 'replace':
        return from === null ? null : await describeReplace({ ...base, path: from }, operation);
    }
  }

  function describeCreate(
    base: Omit<Step, 'path' | 'changes'>,
    path: RelPath,
    place: { readonly parent: NodeId; readonly name: Name },
  ): Step | null {
    const remote = base.row.remote!;
    const intents = [placed(base.row, path, place)];
    const volume = volumeOf(place.parent);
    if (remote.kind === 'folder') {
      const mode = remote.attributes?.mode == null ? null : remote.attributes.mode | OWNER_MAY_ENTER;
      return { ...base, intents, path, changes: [{ op: 'create-folder', path, mode, volume }] };
    }
    const file = staged.get(base.row.node);
    if (file === undefined) return null;
    const change: DiskChange = {
      op: 'move',
      from: file.path,
      to: path,
      expectFrom: file.stat,
      expectTo: null,
      keepAs: null,
      volume,
    };
    return { ...base, intents, path, staged: file, changes: [change] };
  }

  function placed(row: NodeRow, to: RelPath, place: { readonly parent: NodeId; readonly name: Name }): DiskIntent {
    const file = staged.get(row.node);
    const shown = file === undefined ? (row.remote!.attributes ?? null) : shownAttributes(file.stat);
    const given = file === undefined ? row.remote!.attributes : file.attributes;
    const was = syncedAs(row.remote!, place, row.synced, given, shown);
    return placedIntent(row.node, { to, name: place.name }, was, file ?? null);
  }

  async function describeReplace(
    base: Omit<Step, 'changes'>,
    operation: Extract<DownOperation, { op: 'replace' }>,
  ): Promise<Step | null> {
    const { row, path } = base;
    const changes: DiskChange[] = [];
    const file = staged.get(row.node);
    const copy = operation.keepAs === null ? null : await describeCopy(row, path, operation.keepAs);
    const intents: DiskIntent[] = [placed(row, path, row.local!)];
    if (copy !== null) intents.push(intentFor(row, { op: 'copy', to: copy.path, name: copy.name, copy: copy.node }));
    if (copy !== null) changes.push(move(row, path, copy.path));
    if (file === undefined) return null;
    const isLink = row.remote?.content?.kind === 'link';
    // A link goes through the trash: what it said is known and safe, and it cannot be written to behind our back.
    if (isLink && copy === null) changes.push({ op: 'trash', path, expect: row.local!.stat, isSent: isSafe(row) });
    const expectTo = copy === null && !isLink ? row.local!.stat : null;
    const displaced = expectTo === null ? null : files.stagingPath(path, takenLabel('kept', row.node, row.local!.stat));
    if (displaced !== null) intents.push(intentFor(row, { op: 'displaced', to: displaced, at: path }));
    const volume = volumeOf(row.local!.parent);
    changes.push({ op: 'move', from: file.path, to: path, expectFrom: file.stat, expectTo, keepAs: displaced, volume });
    return { ...base, copy, displaced, intents, staged: file, changes };
  }

  async function describeCopy(row: NodeRow, path: RelPath, name: Name): Promise<NonNullable<Step['copy']>> {
    const node = freshNodeId(session);
    const folder = { node: row.local!.parent, path: parentPath(path) };
    return { node, name, path: joinPath(folder.path, await chooseDiskName(session, folder, name, node)) };
  }

  function arrive(node: NodeId, path: RelPath): void {
    moved.set(node, path);
    // What is below it has moved along.
    folders.clear();
  }

  async function standingAt(local: LocalState, depth = 0): Promise<RelPath | null> {
    const folder = await folderPath(local.parent, depth + 1);
    return folder === null ? null : joinPath(folder, diskNameOf(local));
  }

  /** Where a node that gets this place is to stand. */
  async function placeAt(parent: NodeId, name: Name, node: NodeId): Promise<RelPath | null> {
    const path = await folderPath(parent);
    if (path === null) return null;
    const isLeaving = (other: NodeId): boolean => moved.has(other) || trashed.has(other);
    const isClaimed = (folded: string): boolean => (claimed.get(folded) ?? node) !== node;
    const to = joinPath(path, await chooseDiskName(session, { node: parent, path }, name, node, isLeaving, isClaimed));
    claimed.set(foldName(to, files.nameRules()), node);
    return to;
  }

  async function pathOf(row: NodeRow): Promise<RelPath | null> {
    return moved.get(row.node) ?? standingAt(row.local!);
  }

  /** Rows that were seen at different moments may lie in each other until the next look: such a folder is nowhere. */
  async function folderPath(node: NodeId, depth = 0): Promise<RelPath | null> {
    if (node === ROOT_NODE) return '';
    if (depth > MAX_DEPTH) return null;
    const here = moved.get(node) ?? folders.get(node);
    if (here !== undefined) return here;
    const row = rows.get(node) ?? (await session.ports.store.rows([node]))[0];
    const path = row?.local == null ? null : await standingAt(row.local, depth);
    if (path !== null) folders.set(node, path);
    if (row?.local != null) volumes.set(node, row.local.stat.device);
    return path;
  }

  /** Where a folder was seen to lie whose path was asked for; undefined for the root, which is checked by itself, and for what this batch makes. */
  function volumeOf(folder: NodeId): bigint | undefined {
    return volumes.get(folder) ?? rows.get(folder)?.local?.stat.device;
  }
}

/** The journal may have moved it on by the time somebody looks. */
function placeThen(row: NodeRow, { parent, name }: { readonly parent: NodeId; readonly name: Name }) {
  const { remote } = row;
  if (remote === null || remote.parent !== parent || remote.name !== name) return {};
  return { was: { parent, name, placeVersion: remote.placeVersion } };
}

function move(row: NodeRow, from: RelPath, to: RelPath): DiskChange {
  return { op: 'move', from, to, expectFrom: row.local!.stat, expectTo: null, keepAs: null };
}

function ownerMayEnter(row: NodeRow) {
  const attributes = row.remote!.attributes!;
  if (row.remote!.kind !== 'folder' || attributes.mode === null) return attributes;
  return { ...attributes, mode: attributes.mode | OWNER_MAY_ENTER };
}
