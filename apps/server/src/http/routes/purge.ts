import { OnefoldError, purgedRequest, purgedResponse, purgeResponse, type NodeId } from '@onefold/protocol';
import { purgeDeletedByHand, purgeVersionByHand } from '../../retention/purge-by-hand.ts';
import { goneAmong } from '../../retention/purge-deleted.ts';
import { accessOf, bodyOf, pathId, sendWire, type Route } from '../call.ts';

export const purgeRoute: Route = (app, context) => {
  const path = '/v1/namespaces/:namespace/nodes/:node';
  app.delete(path, async (request, reply) => {
    const access = await accessOf(context, request);
    const versions = await purgeDeletedByHand(context, access, pathId<NodeId>(request, 'node', 16));
    return sendWire(reply, purgeResponse, { versions });
  });
  app.post('/v1/namespaces/:namespace/purged', async (request, reply) => {
    const access = await accessOf(context, request);
    const { nodes } = bodyOf(purgedRequest, request);
    const purged = await goneAmong(context.metadata.read, access.head.namespaceId, nodes);
    return sendWire(reply, purgedResponse, { purged });
  });
  app.delete(`${path}/versions/:version`, async (request, reply) => {
    const access = await accessOf(context, request);
    const { version = '' } = request.params as { version?: string };
    if (!/^[1-9]\d{0,14}$/.test(version)) throw new OnefoldError('not-found', 'no such version');
    const versions = await purgeVersionByHand(context, access, pathId<NodeId>(request, 'node', 16), Number(version));
    return sendWire(reply, purgeResponse, { versions });
  });
};
