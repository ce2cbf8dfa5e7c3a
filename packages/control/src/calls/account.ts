import * as z from 'zod';
import { deviceNameSchema } from './devices.ts';
import { kitSchema, newPasswordSchema, serverAddressSchema } from './setup.ts';
import { done, nothing } from './shapes.ts';

export const accountSchema = z.object({
  email: z.string(),
  server: z.string(),
  /** As it stands in the Emergency Kit. */
  account: z.string(),
});

const profileSchema = z.strictObject({
  name: deviceNameSchema.nullable(),
  /** A data URL of a PNG, JPEG or WebP. */
  picture: z
    .string()
    .max(80_000)
    .regex(/^data:image\/(png|jpeg|webp);base64,[A-Za-z0-9+/]+=*$/)
    .nullable(),
});

export const ACCOUNT_CALLS = {
  account: { args: nothing, result: z.object({ account: accountSchema }) },
  /** The account's server is at another address from now on. Throws `not-found` where the account is not kept there, or what the network says. */
  moveServer: { args: z.strictObject({ server: serverAddressSchema }), result: done },
  /** Makes a new Secret Key with the new password, and shows the kit. Nothing has changed before `keepNewKit`. */
  changePassword: { args: z.strictObject({ password: newPasswordSchema }), result: z.object({ kit: kitSchema }) },
  /** The kit is saved: from now on only it and the new password let anybody in. May be called again after `back-off` errors. */
  keepNewKit: { args: nothing, result: done },
  dropNewKit: { args: nothing, result: done },
  /** What the server knows of the person, and others will see who share something with them. */
  profile: { args: nothing, result: z.object({ profile: profileSchema }) },
  /** Replaces it whole. */
  setProfile: { args: profileSchema, result: done },
} as const;

export type Account = z.infer<typeof accountSchema>;
