import * as z from 'zod';
import { done, nothing } from './shapes.ts';

const base64Url = z.string().regex(/^[\w-]+$/);

export const PUSH_CALLS = {
  /** What a browser's `applicationServerKey` takes (base64url); null: the server wakes nobody. */
  push: {
    args: nothing,
    result: z.object({ publicKey: z.string().nullable(), isSubscribed: z.boolean() }),
  },
  /** Where and how this device is woken while nothing of it is connected; null ends it. Throws `invalid-argument`, `not-found` where the server wakes nobody. */
  setPush: {
    args: z.strictObject({
      subscription: z
        .strictObject({
          endpoint: z.string().min(1).max(2_048),
          p256dh: base64Url.length(87),
          auth: base64Url.length(22),
        })
        .nullable(),
    }),
    result: done,
  },
} as const;
