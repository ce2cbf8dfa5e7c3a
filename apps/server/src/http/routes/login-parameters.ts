import { loginParametersRequest, loginParametersResponse } from '@onefold/protocol';
import { loginParameters } from '../../accounts/login.ts';
import { bodyOf, sendWire, type Route } from '../call.ts';

export const loginParametersRoute: Route = (app, context) => {
  app.post('/v1/login/parameters', async (request, reply) => {
    const { email } = bodyOf(loginParametersRequest, request);
    return sendWire(reply, loginParametersResponse, await loginParameters(context, email));
  });
};
