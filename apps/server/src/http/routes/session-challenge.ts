import { challengeRequest, challengeResponse } from '@onefold/protocol';
import { createChallenge } from '../../accounts/sessions.ts';
import { bodyOf, sendWire, type Route } from '../call.ts';

export const sessionChallengeRoute: Route = (app, context) => {
  app.post('/v1/sessions/challenge', async (request, reply) => {
    const { device } = bodyOf(challengeRequest, request);
    return sendWire(reply, challengeResponse, { challenge: await createChallenge(context, device) });
  });
};
