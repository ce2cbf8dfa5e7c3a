import { accountResponse, type DeviceId } from '@onefold/protocol';
import { readLinks } from '../../accounts/chain-cache.ts';
import { readBoxes } from '../../accounts/login.ts';
import { idBytes, idOf } from '../../id-bytes.ts';
import { callerOf, queryCount, sendWire, type Route } from '../call.ts';

export const readAccountRoute: Route = (app, context) => {
  app.get('/v1/account', async (request, reply) => {
    const caller = await callerOf(context, request);
    const after = queryCount(request, 'after', { min: -1, fallback: -1 });
    const { read } = context.metadata;
    const user = await read
      .selectFrom('user')
      .select('email')
      .where('user', '=', idBytes(caller.user))
      .executeTakeFirstOrThrow();
    const links = await readLinks(read, caller.user, after + 1);
    const devices = await read
      .selectFrom('device')
      .select(['device', 'last_seen_ms', 'is_in_step', 'in_step_ms'])
      .where('user', '=', idBytes(caller.user))
      .orderBy('added_n')
      .execute();
    // Links are read before the length they are told with, so a length may run ahead of them, never behind.
    const { chain_length: chainLength } = await read
      .selectFrom('user')
      .select('chain_length')
      .where('user', '=', idBytes(caller.user))
      .executeTakeFirstOrThrow();
    const connected = await context.presence.connectedAmong(devices.map((row) => row.device));
    return sendWire(reply, accountResponse, {
      user: caller.user,
      email: user.email,
      links,
      chainLength,
      boxes: await readBoxes(read, caller.user, 'device', caller.device),
      devices: devices.map((row) => {
        const device = idOf<DeviceId>(row.device);
        const online = connected.has(device);
        const inStepMs = row.is_in_step === 0 ? row.in_step_ms : online ? context.nowMs() : row.last_seen_ms;
        return { device, lastSeenMs: row.last_seen_ms, online, inStepMs };
      }),
    });
  });
};
