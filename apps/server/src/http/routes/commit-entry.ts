import { commitRequest, commitResponse, LIMITS, OnefoldError } from '@onefold/protocol';
import { commitEntry } from '../../journal/commit.ts';
import { accessOf, bodyOf, COMMIT_BODY_BYTES, sendWire, type Route } from '../call.ts';

export const commitEntryRoute: Route = (app, context) => {
  app.post('/v1/namespaces/:namespace/entries', { bodyLimit: COMMIT_BODY_BYTES }, async (request, reply) => {
    const access = await accessOf(context, request);
    const body = bodyOf(commitRequest, request);
    if (body.pack !== undefined && body.pack.bytes.length > LIMITS.inlinePackBytes)
      throw new OnefoldError('body-too-large', 'a pack of this size travels by itself');
    return sendWire(reply, commitResponse, await commitEntry(context, access, body));
  });
};
