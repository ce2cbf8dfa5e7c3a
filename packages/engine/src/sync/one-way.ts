import { OnefoldError, type NodeId } from '@onefold/protocol';
import { agreed } from '../core/agree.ts';
import { decide } from '../core/decide.ts';
import { heldBack, type FolderMode } from '../core/one-way.ts';
import { joinPath } from '../core/names.ts';
import { isNeverHad } from '../core/overlook.ts';
import { isSafe, shownAttributes } from '../core/settled.ts';
import type { NodeRow, RelPath, SyncedState } from '../core/tree.ts';
import { rekey } from './apply-state.ts';
import { record, type Session } from './session.ts';

/* What differs in a folder that goes one way, and the one time that it is made equal because somebody says so. */

const PAGE_ROWS = 1_000;

export interface Difference {
  readonly path: RelPath;
  readonly kind: 'file' | 'folder' | 'link';
  readonly sizeBytes: number;
  readonly difference: 'only-here' | 'only-there' | 'edited' | 'moved' | 'attributes';
}

export interface Differences {
  readonly mode: FolderMode;
  readonly total: number;
  readonly differences: readonly Difference[];
  readonly next: NodeId | null;
}

/** In the order of node ids, after `after`. */
export async function listDifferences(session: Session, limit: number, after: string | null): Promise<Differences> {
  const mode = session.options.mode ?? 'two-way';
  const found: { readonly node: NodeId; readonly difference: Difference }[] = [];
  let total = 0;
  for await (const row of heldRows(session)) {
    total++;
    const path = await pathOf(session, row);
    const difference = differenceOf(row);
    if (difference === null || (after !== null && row.node <= after) || found.length > limit) continue;
    const kind = row.local?.kind ?? row.remote?.kind ?? 'file';
    const content = row.local?.content ?? row.remote?.content;
    const bytes = content?.kind === 'file' ? content.sizeBytes : 0;
    const sizeBytes = row.local?.kind === 'file' ? row.local.stat.sizeBytes : bytes;
    found.push({
      node: row.node,
      difference: { path, kind: kind === 'mount' ? 'folder' : kind, sizeBytes, difference },
    });
  }
  const shown = found.slice(0, limit);
  return {
    mode,
    total,
    differences: shown.map((one) => one.difference),
    next: found.length > shown.length ? shown.at(-1).node : null,
  };
}

/** Rows of which something is not carried out, ignored ones left out. */
async function* heldRows(session: Session): AsyncGenerator<NodeRow> {
  const mode = session.options.mode ?? 'two-way';
  if (mode === 'two-way') return;
  let after: NodeId | null = null;
  for (;;) {
    const page: readonly NodeRow[] = await session.ports.store.unsettled(PAGE_ROWS, after);
    for (const one of page) {
      const row = agreed(one);
      const decision = decide(row);
      if (heldBack(mode, decision) === decision) continue;
      const path = await pathOf(session, row);
      if (!session.rules(path, (row.local ?? row.remote)?.kind === 'folder')) yield row;
    }
    if (page.length < PAGE_ROWS) return;
    after = page.at(-1)!.node;
  }
}

function differenceOf(row: NodeRow): Difference['difference'] | null {
  const { fate, place, content, attributes } = decide(row);
  if (fate === 'create-up' || fate === 'restore-up' || fate === 'delete-down') return 'only-here';
  if (fate === 'create-down' || fate === 'delete-up') return 'only-there';
  if (content !== 'same') return 'edited';
  if (place !== 'same') return 'moved';
  return attributes === 'same' ? null : 'attributes';
}

async function pathOf(session: Session, row: NodeRow): Promise<RelPath> {
  const here = await session.paths.of(row);
  if (here !== null) return here;
  let path = row.remote?.name ?? '';
  let at = row.remote?.parent;
  for (let depth = 0; at !== undefined && depth < 1_000; depth++) {
    const [above]: readonly (NodeRow | undefined)[] = await session.ports.store.rows([at]);
    if (above?.remote?.name == null) return path;
    path = joinPath(above.remote.name, path);
    at = above.remote.parent;
  }
  return path;
}

/**
 * Send-only: the server becomes like here. Receive-only: this disk becomes like the server; what differs goes into the trash here. Answers
 * how many differences are taken up; the plan does the rest. Throws `precondition-failed` for a folder that goes both ways.
 */
export async function settleOneWay(session: Session): Promise<number> {
  const mode = session.options.mode ?? 'two-way';
  if (mode === 'two-way') throw new OnefoldError('precondition-failed', 'the folder goes both ways');
  const rows: NodeRow[] = [];
  for await (const row of heldRows(session)) rows.push(row);
  return mode === 'send-only' ? insist(session, rows) : revert(session, rows);
}

/** What the journal says now counts as seen, so that what stands here is a change of it. */
async function insist(session: Session, rows: readonly NodeRow[]): Promise<number> {
  const isFolderGone = (row: NodeRow): boolean => decide(row).fate === 'delete-down' && row.local?.kind === 'folder';
  const next = rows
    .filter((row) => !isFolderGone(row))
    .map((row) => ({
      ...row,
      synced: decide(row).fate === 'delete-down' ? null : seenAs(row, session.lostContents.mayBeLost(row)),
    }));
  for (let i = 0; i < next.length; i += PAGE_ROWS) await record(session, { rows: next.slice(i, i + PAGE_ROWS) });
  // A folder deleted there goes on as a new one, with what is in it.
  for (const { node } of rows.filter(isFolderGone)) await rekey(session, node);
  return rows.length;
}

/** What the server may have lost, and never stood here, is overlooked: see core/overlook.ts. */
function seenAs(row: NodeRow, mayBeLost: boolean): SyncedState | null {
  const { remote, synced } = row;
  if (remote === null || remote.name === null) return synced;
  const { kind, parent, name, content, attributes, placeVersion, contentVersion, attributesVersion } = remote;
  return {
    kind,
    parent,
    name,
    content: mayBeLost && isNeverHad(row) ? null : content,
    attributes,
    shown: attributes,
    placeVersion,
    contentVersion,
    attributesVersion,
  };
}

/** Files first, then the folders that held them, from below. */
async function revert(session: Session, rows: readonly NodeRow[]): Promise<number> {
  const items = await Promise.all(rows.map(async (row) => ({ row, path: await session.paths.of(row) })));
  const depth = (path: RelPath | null): number => (path === null ? 0 : path.split('/').length);
  const ordered = items.sort((a, b) => depth(b.path) - depth(a.path));
  let done = 0;
  for (const { row, path } of ordered) {
    const next = await revertOne(session, row, path);
    if (next === null) continue;
    await record(session, { rows: [next] });
    done++;
  }
  return done;
}

async function revertOne(session: Session, row: NodeRow, path: RelPath | null): Promise<NodeRow | null> {
  const { local, synced } = row;
  const { fate, place, content, attributes } = decide(row);
  if (fate === 'delete-up') return { ...row, synced: null };
  const isAway = fate === 'create-up' || fate === 'restore-up' || content === 'up' || content === 'conflict';
  if (isAway) {
    if (local === null || path === null) return null;
    const { files } = session.ports;
    const [result] = await files.change([{ op: 'trash', path, expect: local.stat, isSent: isSafe(row) }]);
    if (result?.outcome !== 'done') {
      session.hint([path]);
      return null;
    }
    await files.flush([path]);
    return { ...row, local: null, synced: null };
  }
  if (local === null || synced === null) return null;
  const moved = place === 'up' ? { parent: local.parent, name: local.name, placeVersion: -1 } : {};
  const shown = attributes === 'up' ? { shown: shownAttributes(local.stat), attributesVersion: -1 } : {};
  return { ...row, synced: { ...synced, ...moved, ...shown } };
}
