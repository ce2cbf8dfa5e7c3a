import { createAccountRequest, createAccountResponse } from '@onefold/protocol';
import { createAccount } from '../../accounts/create-account.ts';
import { bodyOf, CHAIN_BODY_BYTES, sendWire, type Route } from '../call.ts';

export const createAccountRoute: Route = (app, context) => {
  app.post('/v1/accounts', { bodyLimit: CHAIN_BODY_BYTES, config: { isOpen: true } }, async (request, reply) => {
    await createAccount(context, bodyOf(createAccountRequest, request));
    return sendWire(reply.status(201), createAccountResponse, { head: 0 });
  });
};
