import { z } from 'zod';
import { fixedBytes } from './ids.ts';

/* Wake-ups by Web Push (RFC 8030), of the device that asks. Same encoding and errors as account-calls.ts. */

/** GET /v1/push. `publicKey` is what a browser's `applicationServerKey` takes; null: this server wakes nobody. */
export const pushKeyResponse = z.object({ publicKey: fixedBytes(65).nullable(), isSubscribed: z.boolean() });
export type PushKeyResponse = z.infer<typeof pushKeyResponse>;

/** PUT /v1/push: where and how this device is woken; it replaces the one before. DELETE /v1/push ends it. Both answer emptyResponse. */
export const pushSubscriptionSchema = z.object({
  endpoint: z.string().min(1).max(2_048),
  p256dh: fixedBytes(65),
  auth: fixedBytes(16),
});
export type PushSubscription = z.infer<typeof pushSubscriptionSchema>;

export const emptyResponse = z.object({});
