import { recoverRequest, recoverResponse, recoveryRequest, recoveryResponse } from '@onefold/protocol';
import { recoverAccount } from '../../accounts/append-chain.ts';
import { readLinks } from '../../accounts/chain-cache.ts';
import { proveRecovery, readBoxes } from '../../accounts/login.ts';
import { bodyOf, CHAIN_BODY_BYTES, sendWire, type Route } from '../call.ts';

/** By the recovery phrase: what it opens, and what it does. Both prove it. */
export const recoverRoute: Route = (app, context) => {
  app.post('/v1/recovery', async (request, reply) => {
    const user = await proveRecovery(context, bodyOf(recoveryRequest, request), request.ip);
    const { read } = context.metadata;
    const boxes = await readBoxes(read, user, 'phrase');
    return sendWire(reply, recoveryResponse, { boxes, links: await readLinks(read, user, 0) });
  });
  app.post('/v1/recover', { bodyLimit: CHAIN_BODY_BYTES, config: { isOpen: true } }, async (request, reply) => {
    const body = bodyOf(recoverRequest, request);
    const user = await proveRecovery(context, body, request.ip);
    return sendWire(reply, recoverResponse, { chainLength: await recoverAccount(context, user, body) });
  });
};
