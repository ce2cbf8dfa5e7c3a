import { emptyResponse, inStepRequest } from '@onefold/protocol';
import { idBytes } from '../../id-bytes.ts';
import { bodyOf, callerOf, sendWire, type Route } from '../call.ts';

export const inStepRoute: Route = (app, context) => {
  app.post('/v1/in-step', async (request, reply) => {
    const { device } = await callerOf(context, request);
    const { isInStep } = bodyOf(inStepRequest, request);
    const nowMs = context.nowMs();
    await context.metadata.write(async (writer) => {
      const row = writer.updateTable('device').where('device', '=', idBytes(device));
      if (isInStep) await row.set({ is_in_step: 1, in_step_ms: nowMs }).execute();
      // Said once more, it was not in step in between.
      else await row.where('is_in_step', '=', 1).set({ is_in_step: 0, in_step_ms: nowMs }).execute();
    });
    return sendWire(reply, emptyResponse, {});
  });
};
