import { ROOT_NODE } from '@onefold/protocol';
import { conflictName } from '../core/conflict-name.ts';
import { joinPath, lastName, parentPath } from '../core/names.ts';
import type { FileStat, NodeRow, RelPath } from '../core/tree.ts';
import type { DiskIntent } from '../ports.ts';
import { readIntent, type KeptIntent } from './disk-intent.ts';
import { record, type Session } from './session.ts';

/**
 * After a crash: finds out by looking at the disk which of the recorded changes took place, and clears staging of what was never put in
 * place. Runs before the first scan, which then sees a disk that it can explain.
 */
export async function settleDisk(session: Session): Promise<void> {
  const { store, files } = session.ports;
  const keep = await settleIntents(session, await store.diskIntents());
  await session.displaced.look(true);
  const left = (await files.listStaging()).filter((path) => !keep.has(path));
  if (left.length > 0) await files.discard(left);
}

/** Looks what became of recorded changes. Answers the paths in staging that are still to be compared. */
export async function settleIntents(session: Session, intents: readonly DiskIntent[]): Promise<ReadonlySet<RelPath>> {
  const keep = new Set<RelPath>();
  const read = intents.map((intent) => ({ intent, kept: readIntent(intent) }));
  // Parked nodes last: the move that ends a parking may itself be recorded.
  for (const { intent, kept } of read.sort((a, b) => rank(a.kept) - rank(b.kept))) {
    if (kept.detail.op === 'displaced') {
      session.displaced.add(intent);
      keep.add(kept.detail.to);
    } else {
      await settleOne(session, intent, kept);
    }
  }
  return keep;
}

function rank({ detail }: KeptIntent): number {
  return detail.op === 'park' ? 1 : 0;
}

async function settleOne(session: Session, intent: DiskIntent, kept: KeptIntent): Promise<void> {
  const { store, files } = session.ports;
  const { detail } = kept;
  const [row] = await store.rows([intent.node]);
  const [found] = await files.stat([detail.to]);
  const isThere = found != null && !('outcome' in found) && found.inode === kept.inode;
  const rows: NodeRow[] = [];
  if (isThere && row?.local != null) {
    if (detail.op === 'copy') rows.push(...(await copied(session, row, row.local, detail, found)));
    else if (detail.op === 'park') rows.push(...(await unpark(session, row, detail.to, found)));
    else rows.push({ ...row, local: { ...row.local, ...(await placeOf(session, row, detail.to)), stat: found } });
  }
  await record(session, { rows, diskIntents: { remove: [intent.id] } });
}

async function copied(
  session: Session,
  row: NodeRow,
  local: NonNullable<NodeRow['local']>,
  detail: Extract<KeptIntent['detail'], { op: 'copy' }>,
  stat: FileStat,
): Promise<NodeRow[]> {
  const place = await placeOf(session, row, detail.to);
  return [
    { ...row, local: null, synced: null },
    { node: detail.copy, local: { ...local, ...place, stat }, remote: null, synced: null },
  ];
}

/** A node that was on its way between two names goes back to the first, or beside it. */
async function unpark(session: Session, row: NodeRow, from: RelPath, stat: FileStat): Promise<NodeRow[]> {
  const { files, clock } = session.ports;
  const local = row.local!;
  const old = await session.paths.of(row);
  // Its folder may be gone; the top is always there.
  const [folder] = old === null ? [null] : await files.stat([parentPath(old)]);
  const isFolderThere = folder != null && !('outcome' in folder) && folder.kind === 'folder';
  const parent = isFolderThere ? local.parent : ROOT_NODE;
  const base = isFolderThere && old !== null ? parentPath(old) : '';
  for (let attempt = 0; attempt < 100; attempt++) {
    const name =
      attempt === 0
        ? local.name
        : conflictName(local.name, session.options.deviceName, clock.nowMs(), attempt, local.kind === 'folder');
    const to = joinPath(base, name);
    const [result] = await files.change([{ op: 'move', from, to, expectFrom: stat, expectTo: null, keepAs: null }]);
    if (result?.outcome === 'done' && result.stat !== null) {
      await files.flush([to]);
      return [{ ...row, local: { ...local, parent, name, stat: result.stat } }];
    }
    if (result?.outcome === 'failed') break;
  }
  return [];
}

/** Parent and name of a path as the Local tree has it; the parent is known, since only known folders are moved into. */
async function placeOf(
  session: Session,
  row: NodeRow,
  path: RelPath,
): Promise<{ parent: NodeRow['node']; name: string }> {
  const { store } = session.ports;
  let parent = ROOT_NODE;
  for (const name of parentPath(path) === '' ? [] : parentPath(path).split('/')) {
    const [folder] = await store.childrenByName('local', [{ parent, name }]);
    if (folder === undefined) return { parent: row.remote?.parent ?? row.local!.parent, name: lastName(path) };
    parent = folder.node;
  }
  return { parent, name: lastName(path) };
}
