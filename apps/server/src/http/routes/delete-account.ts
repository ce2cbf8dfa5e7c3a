import { deleteAccountRequest, emptyResponse } from '@onefold/protocol';
import { deleteAccount } from '../../accounts/delete-account.ts';
import { bodyOf, callerOf, sendWire, type Route } from '../call.ts';

export const deleteAccountRoute: Route = (app, context) => {
  app.post('/v1/account/delete', async (request, reply) => {
    const { authKey } = bodyOf(deleteAccountRequest, request);
    await deleteAccount(context, await callerOf(context, request), authKey, request.ip);
    return sendWire(reply, emptyResponse, {});
  });
};
