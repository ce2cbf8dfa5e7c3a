import * as z from 'zod';
import { atMsSchema, deviceSchema } from '../status.ts';
import { done, nothing } from './shapes.ts';

const deviceIdSchema = z.string().min(1).max(512);

/** What people may call a device. */
export const deviceNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]*$/u);

export const deviceStatusSchema = deviceSchema.extend({
  here: z.boolean(),
  /** null when the server cannot tell. */
  online: z.boolean().nullable(),
  /** null when it never was. */
  lastInStepAtMs: atMsSchema.nullable(),
  lastSeenAtMs: atMsSchema.nullable(),
  /** Added or vouched for by a device of the account, and not by the password alone. */
  verified: z.boolean(),
});

export const DEVICE_CALLS = {
  devices: { args: nothing, result: z.object({ devices: z.array(deviceStatusSchema) }) },
  renameDevice: { args: z.strictObject({ device: deviceIdSchema, name: deviceNameSchema }), result: done },
  /** Takes another device out of the account, at once and for good. What is on its disk stays there. */
  revokeDevice: { args: z.strictObject({ device: deviceIdSchema }), result: done },
  /** Vouches for a device that was added by the password alone. */
  verifyDevice: { args: z.strictObject({ device: deviceIdSchema }), result: done },
} as const;

export type DeviceStatus = z.infer<typeof deviceStatusSchema>;
