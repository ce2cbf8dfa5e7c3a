import * as z from 'zod';
import { kitSchema, newPasswordSchema } from './setup.ts';
import { done, nothing } from './shapes.ts';

export const accountSchema = z.object({
  email: z.string(),
  server: z.string(),
  /** As it stands in the Emergency Kit. */
  account: z.string(),
});

export const ACCOUNT_CALLS = {
  account: { args: nothing, result: z.object({ account: accountSchema }) },
  /** Makes a new Secret Key with the new password, and shows the kit. Nothing has changed before `keepNewKit`. */
  changePassword: { args: z.strictObject({ password: newPasswordSchema }), result: z.object({ kit: kitSchema }) },
  /** The kit is saved: from now on only it and the new password let anybody in. May be called again after `back-off` errors. */
  keepNewKit: { args: nothing, result: done },
  dropNewKit: { args: nothing, result: done },
} as const;

export type Account = z.infer<typeof accountSchema>;
