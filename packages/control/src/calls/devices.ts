import * as z from 'zod';
import { atMsSchema, deviceSchema } from '../status.ts';
import { nothing } from './shapes.ts';

export const deviceStatusSchema = deviceSchema.extend({
  here: z.boolean(),
  /** null when the server cannot tell. */
  online: z.boolean().nullable(),
  /** null when it never was. */
  lastInStepAtMs: atMsSchema.nullable(),
  lastSeenAtMs: atMsSchema.nullable(),
});

export const DEVICE_CALLS = {
  devices: { args: nothing, result: z.object({ devices: z.array(deviceStatusSchema) }) },
} as const;

export type DeviceStatus = z.infer<typeof deviceStatusSchema>;
