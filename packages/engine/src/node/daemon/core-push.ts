import { OnefoldError } from '@onefold/protocol';
import type { Session } from '../remote/session.ts';

export interface PushSubscriptionText {
  readonly endpoint: string;
  /** base64url, as browsers give them. */
  readonly p256dh: string;
  readonly auth: string;
}

export async function readPush(session: Session): Promise<{ publicKey: string | null; isSubscribed: boolean }> {
  const { publicKey, isSubscribed } = await session.push();
  return { publicKey: publicKey === null ? null : Buffer.from(publicKey).toString('base64url'), isSubscribed };
}

/** Throws `invalid-argument`, and `not-found` where the server wakes nobody. */
export async function choosePush(session: Session, subscription: PushSubscriptionText | null): Promise<void> {
  if (subscription === null) return session.setPush(null);
  const { endpoint } = subscription;
  const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'));
  const [p256dh, auth] = [bytesOf(subscription.p256dh), bytesOf(subscription.auth)];
  if (p256dh.length !== 65 || auth.length !== 16)
    throw new OnefoldError('invalid-argument', 'these are not the keys of a push subscription');
  return session.setPush({ endpoint, p256dh, auth });
}
