import {
  linkingResponse,
  newLinkingRequest,
  oldLinkingRequest,
  openLinkingRequest,
  openLinkingResponse,
} from '@onefold/protocol';
import type { FastifyReply } from 'fastify';
import { exchangeAsNew, exchangeAsOld, LINKING_MS, openLinking } from '../../accounts/linking.ts';
import { bodyOf, callerOf, sendWire, type Route } from '../call.ts';

export const linkingRoute: Route = (app, context) => {
  app.post('/v1/linkings', async (request, reply) => {
    const caller = await callerOf(context, request);
    await openLinking(context, caller, bodyOf(openLinkingRequest, request));
    return sendWire(reply, openLinkingResponse, { expiresInMs: LINKING_MS });
  });
  app.post('/v1/linkings/old', async (request, reply) => {
    const caller = await callerOf(context, request);
    const messages = await exchangeAsOld(context, caller, bodyOf(oldLinkingRequest, request), goneOf(reply));
    return sendWire(reply, linkingResponse, { messages });
  });
  app.post('/v1/linkings/new', async (request, reply) => {
    const messages = await exchangeAsNew(context, bodyOf(newLinkingRequest, request), request.ip, goneOf(reply));
    return sendWire(reply, linkingResponse, { messages });
  });
};

/** Aborted when nobody waits for the answer any more. */
function goneOf(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
