import { OnefoldError, purgeResponse, type NodeId } from '@onefold/protocol';
import { purgeDeletedByHand, purgeVersionByHand } from '../../retention/purge-by-hand.ts';
import { accessOf, pathId, sendWire, type Route } from '../call.ts';

export const purgeRoute: Route = (app, context) => {
  const path = '/v1/namespaces/:namespace/nodes/:node';
  app.delete(path, async (request, reply) => {
    const access = await accessOf(context, request);
    const versions = await purgeDeletedByHand(context, access, pathId<NodeId>(request, 'node', 16));
    return sendWire(reply, purgeResponse, { versions });
  });
  app.delete(`${path}/versions/:version`, async (request, reply) => {
    const access = await accessOf(context, request);
    const { version = '' } = request.params as { version?: string };
    if (!/^[1-9]\d{0,14}$/.test(version)) throw new OnefoldError('not-found', 'no such version');
    const versions = await purgeVersionByHand(context, access, pathId<NodeId>(request, 'node', 16), Number(version));
    return sendWire(reply, purgeResponse, { versions });
  });
};
