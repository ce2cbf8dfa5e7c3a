import { randomBytes } from 'node:crypto';
import { ed25519Verify } from '@onefold/journal';
import { concatBytes, OnefoldError, type DeviceId, type SessionResponse, type UserId } from '@onefold/protocol';
import type { ServerContext } from '../context.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import { tokenHash } from './access.ts';
import { isDeleted } from './deleted-ids.ts';

/** Longer than it takes to sign: nodes' clocks may be minutes apart, and one node's challenge is used up on another one. */
const CHALLENGE_MS = 5 * 60_000;
const DOMAIN = new TextEncoder().encode('onefold/session/v1');

/** A number to sign, once, within five minutes. An unknown device gets one too. */
export async function createChallenge(context: ServerContext, device: DeviceId): Promise<Uint8Array> {
  const challenge = new Uint8Array(randomBytes(32));
  const nowMs = context.nowMs();
  await context.metadata.write(async (writer) => {
    await writer.deleteFrom('challenge').where('expires_at_ms', '<=', nowMs).execute();
    await context.metadata.sql.insertMany(writer, 'challenge', [
      { challenge, device: idBytes(device), expires_at_ms: nowMs + CHALLENGE_MS },
    ]);
  });
  return challenge;
}

/**
 * Opens a session for the device that signed a challenge it was given. The challenge is used up, whatever comes of it. Throws `signature-invalid`,
 * `session-expired` for a challenge that is none (any more), `device-revoked`, `account-deleted`.
 */
export async function openSession(
  context: ServerContext,
  request: { readonly device: DeviceId; readonly challenge: Uint8Array; readonly signature: Uint8Array },
): Promise<SessionResponse> {
  const { metadata, config } = context;
  const nowMs = context.nowMs();
  const token = randomBytes(32).toString('base64url');
  const outcome = await metadata.write(async (writer) => {
    // Taken and used up in one step: of two who sign the same challenge on two nodes one comes too late.
    const challenge = await writer
      .deleteFrom('challenge')
      .where('challenge', '=', request.challenge)
      .returning(['device', 'expires_at_ms'])
      .executeTakeFirst();
    if (
      challenge === undefined ||
      challenge.expires_at_ms <= nowMs ||
      idOf<DeviceId>(challenge.device) !== request.device
    )
      return 'session-expired';
    const device = await writer
      .selectFrom('device')
      .select(['device', 'user', 'signing_key', 'revoked_n', 'version'])
      .where('device', '=', idBytes(request.device))
      .executeTakeFirst();
    if (device === undefined)
      return (await isDeleted(writer, idBytes(request.device))) ? 'account-deleted' : 'signature-invalid';
    if (!ed25519Verify(device.signing_key, concatBytes(DOMAIN, request.challenge), request.signature))
      return 'signature-invalid';
    if (device.revoked_n !== null) return 'device-revoked';
    await writer.deleteFrom('session').where('expires_at_ms', '<=', nowMs).execute();
    await metadata.sql.insertMany(writer, 'session', [
      {
        token_hash: tokenHash(token),
        kind: 'device',
        user: device.user,
        device: device.device,
        device_version: device.version,
        expires_at_ms: nowMs + config.sessionMs,
      },
    ]);
    await writer.updateTable('device').set({ last_seen_ms: nowMs }).where('device', '=', device.device).execute();
    return { user: idOf<UserId>(device.user) };
  });
  if (typeof outcome === 'string') throw new OnefoldError(outcome, 'no session for this device and signature');
  return { token, expiresInMs: config.sessionMs, user: outcome.user };
}
