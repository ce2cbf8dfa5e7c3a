import { isSafe } from '../core/settled.ts';
import type { NodeRow } from '../core/tree.ts';
import { record, type Session } from './session.ts';
import { acceptRestoredServer, RESTORED } from './start-over.ts';

const CHUNK_ROWS = 500;

/** The user wants what was held to be carried on. False when there is no such hold. */
export async function confirmHold(session: Session, id: string): Promise<boolean> {
  return id === RESTORED ? acceptRestoredServer(session) : session.guard.confirm(id);
}

/**
 * The user wants the other side's state back. What was deleted here comes down again, what was rewritten here is put into the trash first;
 * what was deleted or rewritten elsewhere is sent up again as it stands here. False when there is no such hold.
 */
export async function rejectHold(session: Session, id: string): Promise<boolean> {
  const nodes = await session.guard.reject(id);
  if (nodes === null) return false;
  for (let i = 0; i < nodes.length; i += CHUNK_ROWS) {
    const part = nodes.slice(i, i + CHUNK_ROWS);
    const found = await session.ports.store.rows(part.map(({ node }) => node));
    const rows: NodeRow[] = [];
    for (const [at, { threat }] of part.entries()) {
      const row = found[at];
      if (row === undefined) continue;
      if (threat.what === 'delete') rows.push({ ...row, synced: null });
      else rows.push(threat.direction === 'up' ? await discardEdit(session, row) : insistOnContent(row));
    }
    await record(session, { rows });
  }
  return true;
}

async function discardEdit(session: Session, row: NodeRow): Promise<NodeRow> {
  const path = await session.paths.of(row);
  if (path === null || row.local === null) return row;
  const [result] = await session.ports.files.change([
    { op: 'trash', path, expect: row.local.stat, isSent: isSafe(row) },
  ]);
  if (result?.outcome !== 'done') {
    session.hint([path]);
    return row;
  }
  await session.ports.files.flush([path]);
  return { ...row, local: null, synced: null };
}

/** What the journal says now counts as seen, so that what stands here is an edit of it. */
function insistOnContent(row: NodeRow): NodeRow {
  if (row.synced === null || row.remote === null) return row;
  const { content, contentVersion } = row.remote;
  return { ...row, synced: { ...row.synced, content, contentVersion } };
}
