import { createECDH } from 'node:crypto';
import { emptyResponse, OnefoldError, pushKeyResponse, pushSubscriptionSchema } from '@onefold/protocol';
import type { ServerContext } from '../../context.ts';
import { idBytes } from '../../id-bytes.ts';
import { writeSubscription } from '../../push/push-service.ts';
import { endpointOf } from '../../push/send-push.ts';
import { bodyOf, callerOf, sendWire, type Route } from '../call.ts';

const POINT = 4;

export const pushRoute: Route = (app, context) => {
  app.get('/v1/push', async (request, reply) => {
    const { device } = await callerOf(context, request);
    const row = await context.metadata.read
      .selectFrom('device')
      .select('push_id')
      .where('device', '=', idBytes(device))
      .executeTakeFirstOrThrow();
    const { publicKey } = context.push;
    return sendWire(reply, pushKeyResponse, { publicKey, isSubscribed: row.push_id !== null });
  });
  app.put('/v1/push', async (request, reply) => {
    const { device } = await callerOf(context, request);
    const subscription = bodyOf(pushSubscriptionSchema, request);
    if (context.push.publicKey === null)
      throw new OnefoldError('not-found', 'this server wakes nobody: its operator has not set push.contact');
    endpointOf(subscription.endpoint, context.config.push.allowsPrivate);
    mustBePoint(subscription.p256dh);
    await setPushId(context, idBytes(device), writeSubscription(subscription));
    return sendWire(reply, emptyResponse, {});
  });
  app.delete('/v1/push', async (request, reply) => {
    const { device } = await callerOf(context, request);
    await setPushId(context, idBytes(device), null);
    return sendWire(reply, emptyResponse, {});
  });
};

async function setPushId({ metadata }: ServerContext, device: Uint8Array, pushId: string | null): Promise<void> {
  await metadata.write((writer) =>
    writer.updateTable('device').set({ push_id: pushId }).where('device', '=', device).execute(),
  );
}

/** Throws `invalid-argument`. */
function mustBePoint(p256dh: Uint8Array): void {
  try {
    const probe = createECDH('prime256v1');
    probe.generateKeys();
    if (p256dh[0] !== POINT) throw new Error('compressed');
    probe.computeSecret(p256dh);
  } catch (cause) {
    throw new OnefoldError('invalid-argument', 'p256dh is no point of the curve', { cause });
  }
}
