import { loginRequest, loginResponse } from '@onefold/protocol';
import { login } from '../../accounts/login.ts';
import { bodyOf, sendWire, type Route } from '../call.ts';

export const loginRoute: Route = (app, context) => {
  app.post('/v1/login', async (request, reply) =>
    sendWire(reply, loginResponse, await login(context, bodyOf(loginRequest, request), request.ip)),
  );
};
