import { ERROR_REACTIONS, type ErrorCode, type OnefoldError } from '@onefold/protocol';
import { parentPath } from '../core/names.ts';
import type { NodeRow, RelPath } from '../core/tree.ts';
import type { Intent } from '../ports.ts';
import { MOST_NAMED } from './attention.ts';
import { pathOf } from './browse.ts';
import { lookBehindRule } from './look-behind-rule.ts';
import { meaningOf } from './meaning.ts';
import type { Session } from './session.ts';

/**
 * One node could not be brought forward: it is tried again later, and a person is told where that alone will not help; `reason` for whoever looks into it.
 * What the server has not held for long nobody may have any more.
 */
export async function fail(
  session: Session,
  row: NodeRow,
  path: RelPath,
  direction: Intent['direction'],
  answer: ErrorCode,
  reason?: string,
): Promise<void> {
  const { log } = session.ports;
  const isLost = direction === 'down' && answer === 'blocks-missing' && session.unheld.isForLong(row);
  const code = isLost ? 'content-lost' : answer;
  log.write('info', 'node-waits', { folder: session.options.folderId, node: row.node, direction, code });
  if (code === 'precondition-failed' || code === 'file-changed') {
    session.hint([path]);
    await lookBehindRule(session, row);
  }
  // Its folder tells people, once for all that is to come into it.
  if (code === 'volume-missing') session.hint([parentPath(path)]);
  await session.patience.failed(row.node, direction, code);
  const reaction = ERROR_REACTIONS[code];
  // Of what does not fit on the server there is one word for all of it, as there is of what is to come to a disk that is not there.
  if (reaction === 'retry' || reaction === 'back-off' || code === 'quota-exceeded' || code === 'volume-missing') return;
  if (isLost && isNamedEnough(session, row, code)) return;
  await session.attention.raise({
    id: `node:${row.node}`,
    code,
    // It may never have stood here: then it is called as it is elsewhere.
    path: isLost || code === 'mount-point' ? ((await pathOf(session, row)) ?? path) : path,
    message: reason === undefined ? meaningOf(code) : `${meaningOf(code)} (${reason})`,
  });
}

/** A server may lose everything at once: beyond these there is one word for all of it, see tell-what-waits.ts. */
function isNamedEnough({ attention }: Session, { node }: NodeRow, code: ErrorCode): boolean {
  if (attention.get(`node:${node}`) !== undefined) return false;
  return attention.list().filter((item) => item.code === code).length >= MOST_NAMED;
}

/** Somebody lied, or the server is not the one of before: nothing is pulled, applied or sent any more, and people are told. */
export async function stopSession(session: Session, error: OnefoldError): Promise<void> {
  session.stopped = error.code;
  await session.attention.raise({ id: `stopped:${error.code}`, code: error.code, path: '', message: error.message });
}
