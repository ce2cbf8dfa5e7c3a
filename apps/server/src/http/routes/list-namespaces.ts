import { namespacesResponse } from '@onefold/protocol';
import { readHeads } from '../../accounts/access.ts';
import { callerOf, sendWire, type Route } from '../call.ts';

export const listNamespacesRoute: Route = (app, context) => {
  app.get('/v1/namespaces', async (request, reply) => {
    const caller = await callerOf(context, request);
    return sendWire(reply, namespacesResponse, { heads: await readHeads(context.metadata.read, caller.user) });
  });
};
