import { skippedResponse, snapshotResponse, type NodeId } from '@onefold/protocol';
import { idBytes } from '../../id-bytes.ts';
import { readSkipped } from '../../journal/read-skipped.ts';
import { readSnapshot } from '../../journal/read-snapshot.ts';
import { accessOf, queryCount, queryId, type Route } from '../call.ts';
import { sendCompressed } from '../send-compressed.ts';

/** What a reader is sent to whose next entries are gone. */
export const readSnapshotRoute: Route = (app, context) => {
  app.get('/v1/namespaces/:namespace/entries/skipped', async (request, reply) => {
    const { head } = await accessOf(context, request);
    const after = queryCount(request, 'after', { min: -1, fallback: -1 });
    const to = queryCount(request, 'to', { fallback: head.seq });
    const answer = await readSkipped(context.metadata.read, head, after, to);
    return sendCompressed(request, reply, skippedResponse, answer);
  });

  app.get('/v1/namespaces/:namespace/snapshot', async (request, reply) => {
    const { head } = await accessOf(context, request);
    const seq = queryCount(request, 'checkpoint', { fallback: -1 });
    const isFirst = (request.query as { readonly after?: unknown }).after === undefined;
    const after = isFirst ? null : idBytes(queryId<NodeId>(request, 'after', 16));
    const answer = await readSnapshot(context.metadata, idBytes(head.namespaceId), seq, after);
    return sendCompressed(request, reply, snapshotResponse, answer);
  });
};
