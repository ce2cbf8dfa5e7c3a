import type { NodeId } from '@onefold/protocol';
import { agreed } from '../core/agree.ts';
import type { Plan } from '../core/operation.ts';
import { namedAs } from '../core/local-name.ts';
import { joinPath, lastName, parentPath } from '../core/names.ts';
import type { ContentValue, NodeRow, RelPath } from '../core/tree.ts';
import type { ReadFailure } from '../ports.ts';
import { chooseDiskName } from './disk-names.ts';
import { intentFor } from './disk-intent.ts';
import { fail } from './fail.ts';
import { touchedBy } from './same-file.ts';
import { freshNodeId, isLargeFile, record, type Session } from './session.ts';

const CHUNK = 1_000;

/** Writes rows whose Synced moved, and joins or splits nodes. Touches neither disk nor server. Answers how many things it did. */
export async function applyState(session: Session, plan: Plan): Promise<number> {
  for (let i = 0; i < plan.rows.length; i += CHUNK) await record(session, { rows: plan.rows.slice(i, i + CHUNK) });
  for (const { from, into } of plan.adopt) await adopt(session, from, into);
  for (const node of plan.rekey) await rekey(session, node);
  return plan.rows.length + plan.adopt.length + plan.rekey.length;
}

async function adopt(session: Session, from: NodeId, into: NodeId): Promise<void> {
  const [here, there] = await session.ports.store.rows([from, into]);
  if (here?.local == null || there === undefined || there.local !== null) return;
  const rows: NodeRow[] = [{ ...here, local: null }, agreed({ ...there, local: here.local })];
  await moveInto(session, from, into, here.local.kind === 'folder', rows);
}

/** What stands on this disk goes on under a new id; the old node only remains in the journal. */
export async function rekey(session: Session, node: NodeId): Promise<void> {
  const [row] = await session.ports.store.rows([node]);
  if (row?.local == null) return;
  const fresh = freshNodeId(session);
  const rows: NodeRow[] = [
    { ...row, local: null, synced: null },
    { node: fresh, local: row.local, remote: null, synced: null },
  ];
  await moveInto(session, node, fresh, true, rows);
}

/** One transaction as long as a folder has at most CHUNK children; the folder itself changes last, so a crash between leaves no orphan. */
async function moveInto(
  session: Session,
  from: NodeId,
  into: NodeId,
  isFolder: boolean,
  rows: readonly NodeRow[],
): Promise<void> {
  const children = isFolder ? await session.ports.store.childrenOf('local', from) : [];
  const moved = children.map((child) => ({ ...child, local: { ...child.local!, parent: into } }));
  await record(session, { rows: [...moved, ...rows] });
}

/** Gives entries that stand in the way another name on this disk. */
export async function applySetAside(session: Session, plan: Plan): Promise<number> {
  if (plan.setAside.length === 0) return 0;
  const { store, files, clock } = session.ports;
  const rows = await store.rows(plan.setAside.map(({ node }) => node));
  let done = 0;
  for (const [i, { node, name }] of plan.setAside.entries()) {
    const row = rows[i];
    const path = row === undefined ? null : await session.paths.of(row);
    if (row?.local == null || path === null) continue;
    const folder = { node: row.local.parent, path: parentPath(path) };
    const to = joinPath(folder.path, await chooseDiskName(session, folder, name, node));
    const intent = intentFor(row, { op: 'aside', to, name });
    await record(session, { diskIntents: { put: [intent] } });
    const [result] = await files.change([
      { op: 'move', from: path, to, expectFrom: row.local.stat, expectTo: null, keepAs: null },
    ]);
    if (result?.outcome === 'done' && result.stat !== null) {
      session.relocated(path, to);
      await files.flush([to]);
      await record(session, {
        rows: [{ ...row, local: { ...row.local, ...namedAs(name, lastName(to)), stat: result.stat } }],
        diskIntents: { remove: [intent.id] },
        activity: [{ atMs: clock.nowMs(), kind: 'conflict', path: to, previousPath: path, device: session.device }],
      });
      await session.noteConflict(node, to);
      done++;
    } else {
      const touched = result === undefined ? null : touchedBy(result, row);
      await record(session, { rows: touched === null ? [] : [touched], diskIntents: { remove: [intent.id] } });
      await fail(session, row, path, 'down', result?.outcome === 'failed' ? result.code : 'precondition-failed');
    }
  }
  return done;
}

/** Reads files whose bytes must be known before anything is decided. Large ones are read apart. */
export async function identify(session: Session, nodes: readonly NodeId[]): Promise<number> {
  let done = 0;
  for (let i = 0; i < nodes.length; i += CHUNK) {
    const items: { readonly row: NodeRow; readonly path: RelPath }[] = [];
    const known: { readonly row: NodeRow; readonly content: ContentValue }[] = [];
    for (const row of await session.ports.store.rows(nodes.slice(i, i + CHUNK))) {
      const path = row === undefined ? null : await session.paths.of(row);
      if (row?.local?.kind !== 'file' || path === null) continue;
      const content = session.transfers.identifiedFor(row);
      if (content !== undefined) known.push({ row, content });
      else if (isLargeFile(session, row.local.stat.sizeBytes)) session.transfers.identifyLarge(row, path);
      else items.push({ row, path });
    }
    known.push(...(await identifyItems(session, items)));
    done += await keepIdentified(session, known);
  }
  return done;
}

/** Reads the files; those that cannot be read now are left out, and wait. Writes no rows. */
export async function identifyItems(
  session: Session,
  items: readonly { readonly row: NodeRow; readonly path: RelPath }[],
): Promise<{ readonly row: NodeRow; readonly content: ContentValue }[]> {
  if (items.length === 0) return [];
  const outcomes = await session.ports.blocks.identify(
    items.map(({ row, path }) => ({ path, expect: row.local!.stat })),
  );
  const known: { readonly row: NodeRow; readonly content: ContentValue }[] = [];
  for (const [i, { row, path }] of items.entries()) {
    const outcome = outcomes[i]!;
    if (outcome.outcome !== 'read') await readFailed(session, row, path, outcome);
    else {
      const { contentId, sizeBytes } = outcome;
      known.push({ row, content: { kind: 'file', contentId, sizeBytes } });
    }
  }
  return known;
}

async function keepIdentified(
  session: Session,
  known: readonly { readonly row: NodeRow; readonly content: ContentValue }[],
): Promise<number> {
  const rows = known.map(({ row, content }) => agreed({ ...row, local: { ...row.local!, content } }));
  if (rows.length > 0) await record(session, { rows });
  await session.patience.done(rows.map((row) => row.node));
  return rows.length;
}

/** A file that moved on while it was read is looked at again; one that cannot be read waits, and blocks nobody. */
export async function readFailed(session: Session, row: NodeRow, path: RelPath, failure: ReadFailure): Promise<void> {
  if (failure.outcome !== 'failed') session.hint([path]);
  const code = failure.outcome === 'failed' ? failure.code : 'file-changed';
  await fail(session, row, path, 'up', code);
}
