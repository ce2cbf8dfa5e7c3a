import * as z from 'zod';

/** Slower, a block would not arrive within the time a server gives one request. */
export const LEAST_BYTES_PER_SECOND = 32 * 1024;

const rateSchema = z.int().min(LEAST_BYTES_PER_SECOND).max(Number.MAX_SAFE_INTEGER).nullable();
const timeOfDaySchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
const addressSchema = z
  .string()
  .max(2_048)
  .regex(/^https?:\/\//);

const hoursSchema = z.strictObject({
  days: z
    .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
    .min(1)
    .max(7),
  /** Local time. Up to `to`, without it; where that is earlier it is of the next day. */
  from: timeOfDaySchema,
  to: timeOfDaySchema,
  pause: z.boolean(),
  upBytesPerSecond: rateSchema,
  downBytesPerSecond: rateSchema,
});

const bandwidthSchema = z.strictObject({
  /** null: without a limit. */
  upBytesPerSecond: rateSchema,
  downBytesPerSecond: rateSchema,
  /** The first that fits the hour holds in place of the two above. */
  schedule: z.array(hoursSchema).max(50),
});

const meteredSchema = z.strictObject({
  /** `ask-system`: as NetworkManager says, where there is one; else not metered. */
  is: z.enum(['ask-system', 'yes', 'no']),
  then: z.enum(['go-on', 'limit', 'pause']),
  /** With `limit`. The lower of this and what else holds. */
  upBytesPerSecond: rateSchema,
  downBytesPerSecond: rateSchema,
});

const networkSchema = z.strictObject({
  /** `environment`: HTTPS_PROXY, HTTP_PROXY and NO_PROXY; `none`; or an address. */
  proxy: z.union([z.enum(['environment', 'none']), addressSchema]),
  /** Address of a proxy auto-configuration script, which then decides. */
  pacUrl: addressSchema.nullable(),
  /** A PEM file of authorities that are trusted besides the system's. */
  authoritiesFile: z.string().min(1).max(4_096).nullable(),
});

/** What a person sets on this device. */
export const settingsSchema = z.strictObject({
  bandwidth: bandwidthSchema,
  metered: meteredSchema,
  network: networkSchema,
  /** A language tag; null: the system's. */
  language: z
    .string()
    .max(35)
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
    .nullable(),
});

const changesSchema = z.strictObject({
  bandwidth: bandwidthSchema.partial().optional(),
  metered: meteredSchema.partial().optional(),
  network: networkSchema.partial().optional(),
  language: settingsSchema.shape.language.optional(),
});

export const SETTINGS_CALLS = {
  settings: { args: z.strictObject({}), result: z.object({ settings: settingsSchema }) },
  /** What is not named stays; lists are replaced as a whole. Holds at once, and is kept. */
  setSettings: { args: z.strictObject({ changes: changesSchema }), result: z.object({ settings: settingsSchema }) },
} as const;

export type Settings = z.infer<typeof settingsSchema>;
export type SettingsChanges = z.infer<typeof changesSchema>;
