import { OnefoldError } from '@onefold/protocol';
import { joinPath, parentPath } from '../core/names.ts';
import { isSafe } from '../core/settled.ts';
import type { FileStat, NodeRow, RelPath } from '../core/tree.ts';
import { isSameFile } from './same-file.ts';
import { findNode } from './browse.ts';
import type { Session } from './session.ts';

/* What a person has done to this disk by name. The scanner sees it like any other change; nothing that stands is ever replaced unseen. */

export async function makeFolders(session: Session, path: RelPath): Promise<void> {
  let at: RelPath = '';
  for (const name of path === '' ? [] : path.split('/')) {
    at = joinPath(at, name);
    const [stat] = await session.ports.files.stat([at]);
    if (stat === null) await session.ports.files.change([{ op: 'create-folder', path: at, mode: null }]);
  }
}

/** What stands at a path. Throws `not-found`, or why it cannot be looked at. */
export async function standingAt(session: Session, path: RelPath): Promise<FileStat> {
  const [stat] = await session.ports.files.stat([path]);
  if (stat == null) throw new OnefoldError('not-found', 'nothing stands there');
  if ('outcome' in stat) throw new OnefoldError(stat.code, 'the place cannot be looked at');
  return stat;
}

/**
 * Moves something, durably. `keepAs`: a free name beside the target that what stands there gets in the same step. Throws
 * `precondition-failed` when either end is not as expected (by default: the target is free).
 */
export async function moveHere(session: Session, { from, to, keepAs = null, ...expected }: MoveHere): Promise<void> {
  const { files } = session.ports;
  const expectFrom = expected.expectFrom ?? (await standingAt(session, from));
  await makeFolders(session, parentPath(to));
  const [result] = await files.change([
    { op: 'move', from, to, expectFrom, expectTo: expected.expectTo ?? null, keepAs },
  ]);
  if (result?.outcome === 'precondition')
    throw new OnefoldError('precondition-failed', 'what stands there is not what was expected');
  if (result?.outcome !== 'done') throw new OnefoldError(result?.code ?? 'internal', 'it could not be put in place');
  await files.flush(keepAs === null ? [to] : [to, keepAs]);
  const touched = [from, to, ...(keepAs === null ? [] : [keepAs])].filter((path) => !isOwn(path));
  session.hint(touched.flatMap((path) => [path, parentPath(path)]));
}

/** Staging and trash are nothing for the scanner. */
function isOwn(path: RelPath): boolean {
  return path.startsWith('.onefold/');
}

export interface MoveHere {
  readonly from: RelPath;
  readonly to: RelPath;
  readonly expectFrom?: FileStat;
  readonly expectTo?: FileStat | null;
  readonly keepAs?: RelPath | null;
}

/**
 * Puts a file or link into the trash here, whether a committed version holds it or not. `known` is its row as it was looked at, where the path
 * does not tell it. Answers its id in the trash.
 */
export async function trashHere(session: Session, path: RelPath, known?: NodeRow): Promise<string> {
  const { files } = session.ports;
  const expect = await standingAt(session, path);
  const row = known ?? (await findNode(session, path).catch(() => null));
  // What was written since the row was looked at is in no version: it must never be purged as if it were.
  const isSent = row?.local != null && isSafe(row) && isSameFile(row.local.stat, expect);
  const [result] = await files.change([{ op: 'trash', path, expect, isSent }]);
  if (result?.outcome === 'precondition')
    throw new OnefoldError('precondition-failed', 'it has changed in the meantime');
  if (result?.outcome !== 'done')
    throw new OnefoldError(result?.code ?? 'internal', 'it could not be put into the trash');
  await files.flush([path]);
  session.hint([path, parentPath(path)]);
  const entry = (await files.listTrash()).findLast((one) => one.path === path || one.stat.inode === expect.inode);
  if (entry === undefined) throw new OnefoldError('internal', 'it is not in the trash');
  return `here:${entry.at}`;
}
