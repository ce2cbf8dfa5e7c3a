import { sessionRequest, sessionResponse } from '@onefold/protocol';
import { openSession } from '../../accounts/sessions.ts';
import { bodyOf, sendWire, type Route } from '../call.ts';

export const openSessionRoute: Route = (app, context) => {
  app.post('/v1/sessions', async (request, reply) =>
    sendWire(reply.status(201), sessionResponse, await openSession(context, bodyOf(sessionRequest, request))),
  );
};
