import { OnefoldError, usageResponse } from '@onefold/protocol';
import { usageOfOwner } from '../../accounts/quota.ts';
import { accessOf, sendWire, type Route } from '../call.ts';

export const readUsageRoute: Route = (app, context) => {
  app.get('/v1/namespaces/:namespace/usage', async (request, reply) => {
    const { head } = await accessOf(context, request);
    const usage = await usageOfOwner(context.metadata.read, head.namespaceId, context.config.quotaBytesPerUser);
    if (usage === undefined) throw new OnefoldError('internal', 'a namespace without an owner');
    return sendWire(reply, usageResponse, usage);
  });
};
