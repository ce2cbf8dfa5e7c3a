import { ERROR_REACTIONS, type ErrorCode, type OnefoldError } from '@onefold/protocol';
import type { NodeRow, RelPath } from '../core/tree.ts';
import type { Intent } from '../ports.ts';
import { lookBehindRule } from './look-behind-rule.ts';
import { meaningOf } from './meaning.ts';
import type { Session } from './session.ts';

/** One node could not be brought forward: it is tried again later, and a person is told where that alone will not help; `reason` for whoever looks into it. */
export async function fail(
  session: Session,
  row: NodeRow,
  path: RelPath,
  direction: Intent['direction'],
  code: ErrorCode,
  reason?: string,
): Promise<void> {
  const { log } = session.ports;
  log.write('info', 'node-waits', { folder: session.options.folderId, node: row.node, direction, code });
  if (code === 'precondition-failed' || code === 'file-changed') {
    session.hint([path]);
    await lookBehindRule(session, row);
  }
  await session.patience.failed(row.node, direction, code);
  const reaction = ERROR_REACTIONS[code];
  // Of what does not fit on the server there is one word for all of it.
  if (reaction === 'retry' || reaction === 'back-off' || code === 'quota-exceeded') return;
  await session.attention.raise({
    id: `node:${row.node}`,
    code,
    path,
    message: reason === undefined ? meaningOf(code) : `${meaningOf(code)} (${reason})`,
  });
}

/** The nodes went through. */
export async function succeed(session: Session, rows: readonly NodeRow[]): Promise<void> {
  const nodes = rows.map((row) => row.node);
  await session.patience.done(nodes);
  await session.attention.clear(nodes.map((node) => `node:${node}`));
}

/** Somebody lied, or the server is not the one of before: nothing is pulled, applied or sent any more, and people are told. */
export async function stopSession(session: Session, error: OnefoldError): Promise<void> {
  session.stopped = error.code;
  await session.attention.raise({ id: `stopped:${error.code}`, code: error.code, path: '', message: error.message });
}
