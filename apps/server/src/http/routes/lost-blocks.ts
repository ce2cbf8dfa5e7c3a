import { isHexId, lostBlocksResponse, OnefoldError, type CtHash, type LostPlace, type NodeId } from '@onefold/protocol';
import { readLostBlocks } from '../../collect/lost-blocks.ts';
import { idBytes } from '../../id-bytes.ts';
import { accessOf, sendWire, type Route } from '../call.ts';

export const lostBlocksRoute: Route = (app, context) => {
  app.get('/v1/namespaces/:namespace/blocks/lost', async (request, reply) => {
    const { head } = await accessOf(context, request);
    const { after } = request.query as { readonly after?: unknown };
    const place = after === undefined ? null : placeIn(after);
    const answer = await readLostBlocks(context.metadata.read, idBytes(head.namespaceId), place);
    return sendWire(reply, lostBlocksResponse, answer);
  });
};

/** Reads `{ctHash}:{node}`. */
function placeIn(text: unknown): LostPlace {
  const [ctHash = '', node = '', ...rest] = String(text).split(':');
  if (rest.length > 0 || !isHexId(ctHash, 32) || !isHexId(node, 16))
    throw new OnefoldError('invalid-argument', 'after is the ctHash and the node of the last one told');
  return { ctHash: ctHash as CtHash, node: node as NodeId };
}
