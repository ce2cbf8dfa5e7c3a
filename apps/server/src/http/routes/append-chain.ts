import { appendChainRequest, appendChainResponse } from '@onefold/protocol';
import { appendChain } from '../../accounts/append-chain.ts';
import { bodyOf, callerOf, LIST_BODY_BYTES, sendWire, type Route } from '../call.ts';

export const appendChainRoute: Route = (app, context) => {
  app.post('/v1/chain', { bodyLimit: LIST_BODY_BYTES }, async (request, reply) => {
    const caller = await callerOf(context, request);
    const chainLength = await appendChain(context, caller, bodyOf(appendChainRequest, request));
    return sendWire(reply, appendChainResponse, { chainLength });
  });
};
