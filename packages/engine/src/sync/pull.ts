import {
  isOutOfAccount,
  OnefoldError,
  toOnefoldError,
  type EntriesResponse,
  type ErrorCode,
  type NamespaceHead,
  type NodeId,
} from '@onefold/protocol';
import type { Cursor } from '../ports.ts';
import { stopSession } from './fail.ts';
import { replay } from './replay.ts';
import { markTree } from './reset-marks.ts';
import { resetToCheckpoint } from './reset.ts';
import { record, type Session } from './session.ts';
import { endRewind, forgetLocalState } from './start-over.ts';

export type PullOutcome =
  /** Everything up to a head that was read after the call is in the Remote tree. */
  { readonly outcome: 'current'; readonly isNew: boolean } | { readonly outcome: 'failed'; readonly code: ErrorCode };

/** Reads the journal from the cursor to its head. A server that rewrites or shortens it stops the session; nothing is ever deleted for it. */
export async function pull(session: Session): Promise<PullOutcome> {
  let isNew = false;
  let isForgotten = false;
  try {
    for (;;) {
      const after = session.cursor?.remoteSeq ?? -1;
      const page = await readPage(session, after);
      checkHead(session, page.head);
      session.lostContents.heard(page.head);
      if (page.entries.length > 0 || page.reset !== undefined) {
        isNew = true;
        const result =
          page.reset === undefined
            ? await replay(session, page.entries)
            : await resetToCheckpoint(session, page.reset.seq);
        await raiseQuarantine(session, result.quarantined);
        // Nothing was observed since: once is enough for all pages of one pull.
        if (result.isStateOld && !isForgotten) await forgetLocalState(session);
        isForgotten ||= result.isStateOld;
      }
      const cursor = session.cursor;
      if (cursor === null) throw new OnefoldError('journal-invalid', 'the server has no journal for this namespace');
      if (cursor.recoveryEpoch !== page.head.recoveryEpoch && after === -1) {
        await record(session, { cursor: { ...cursor, recoveryEpoch: page.head.recoveryEpoch } });
      }
      if (cursor.remoteSeq >= page.head.seq) {
        if (cursor.remoteSeq === page.head.seq && cursor.remoteHash !== page.head.hash) throw forked();
        if (session.rewind !== null) await endRewind(session);
        if (session.cursor?.isHollow === true) await lookAgain(session, session.cursor);
        return { outcome: 'current', isNew };
      }
      if (page.entries.length === 0 && page.reset === undefined)
        throw new OnefoldError('server-answer-invalid', 'a page without entries below the head');
    }
  } catch (thrown) {
    const error = toOnefoldError(thrown);
    if (isFinal(error)) await stopSession(session, error);
    session.ports.log.write('warn', 'pull-failed', {
      folder: session.options.folderId,
      code: error.code,
      message: error.message,
      ...error.details,
    });
    return { outcome: 'failed', code: error.code };
  }
}

/** As `pull`, where what follows must not be done without. Throws why the journal could not be read. */
export async function requirePull(session: Session): Promise<void> {
  const result = await pull(session);
  if (result.outcome === 'failed') throw new OnefoldError(result.code, 'the journal could not be read');
}

/** A server that holds less than was seen before refuses to answer; its head tells whether it was restored from a backup. */
async function readPage(session: Session, after: number): Promise<EntriesResponse> {
  const { remote } = session.ports;
  try {
    return await remote.entries(after, Math.max(0, after));
  } catch (thrown) {
    if (session.cursor !== null && toOnefoldError(thrown).code === 'server-error') {
      const { recoveryEpoch } = await remote.head();
      if (recoveryEpoch !== session.cursor.recoveryEpoch) throw restored();
    }
    throw thrown;
  }
}

/** Going on could only do harm, or nothing. */
function isFinal({ reaction, code }: OnefoldError): boolean {
  return reaction === 'security' || code === 'server-restored' || isOutOfAccount(code);
}

function checkHead(session: Session, head: NamespaceHead): void {
  const { cursor } = session;
  if (head.namespaceId !== session.options.namespaceId) {
    throw new OnefoldError('server-answer-invalid', 'the answer is about another namespace');
  }
  if (cursor === null) return;
  if (head.recoveryEpoch !== cursor.recoveryEpoch) {
    throw restored();
  }
  if (head.seq < cursor.remoteSeq)
    throw new OnefoldError('journal-rollback', 'the server shows less than it did before');
  if (head.seq === cursor.remoteSeq && head.hash !== cursor.remoteHash) throw forked();
}

function restored(): OnefoldError {
  return new OnefoldError(
    'server-restored',
    'the server was restored from a backup: confirm this, and what it lost is sent again; nothing is deleted for it',
  );
}

function forked(): OnefoldError {
  return new OnefoldError('journal-fork', 'the server shows another history than before');
}

/** Files of which a checkpoint had no content: what came after it may have put that right. */
async function lookAgain(session: Session, { isHollow: _, ...cursor }: Cursor): Promise<void> {
  await raiseQuarantine(session, await markTree(session));
  await record(session, { cursor });
}

async function raiseQuarantine(session: Session, nodes: readonly NodeId[]): Promise<void> {
  const rows = nodes.length === 0 ? [] : await session.ports.store.rows(nodes);
  for (const row of rows) {
    if (row?.remote?.quarantined !== true) continue;
    const path = (await session.paths.of(row)) ?? row.remote.name ?? row.node;
    await session.attention.raise({
      id: `quarantine:${row.node}`,
      code: 'node-quarantined',
      path,
      message: 'a member wrote something here that cannot be opened; what is on this disk stays as it is',
    });
  }
}
