import path from 'node:path';
import { z } from 'zod';
import { OnefoldError } from '@onefold/protocol';
import { DAYS } from '../../core/limits.ts';
import { writeDurably } from '../disk/durable-write.ts';
import { trusting } from '../network/network.ts';
import { parseJson, readIfThere, type Home } from './home.ts';

/* What a person set on this device: settings.json in the home, replaced as a whole, written by the daemon alone. */

const LEAST_BYTES_PER_SECOND = 32 * 1024;

const rate = z.int().min(LEAST_BYTES_PER_SECOND).nullable();
const rates = { upBytesPerSecond: rate.default(null), downBytesPerSecond: rate.default(null) };
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
const address = z.string().refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'not an address');
const hours = z.strictObject({
  days: z.array(z.enum(DAYS)).min(1).max(7),
  from: timeOfDay,
  to: timeOfDay,
  pause: z.boolean(),
  upBytesPerSecond: rate,
  downBytesPerSecond: rate,
});

const settingsSchema = z.strictObject({
  bandwidth: z.strictObject({ ...rates, schedule: z.array(hours).max(50).default([]) }).prefault({}),
  metered: z
    .strictObject({
      is: z.enum(['ask-system', 'yes', 'no']).default('ask-system'),
      then: z.enum(['go-on', 'limit', 'pause']).default('go-on'),
      ...rates,
    })
    .prefault({}),
  network: z
    .strictObject({
      proxy: z.union([z.enum(['environment', 'none']), address]).default('environment'),
      pacUrl: address.nullable().default(null),
      authoritiesFile: z
        .string()
        .refine((file) => path.isAbsolute(file), 'not an absolute path')
        .nullable()
        .default(null),
    })
    .prefault({}),
  language: z.string().nullable().default(null),
});

export type Settings = z.infer<typeof settingsSchema>;
export type NetworkSettings = Settings['network'];

type Part<T> = { [K in keyof T]?: T[K] | undefined };
export interface SettingsChanges {
  bandwidth?: Part<Settings['bandwidth']> | undefined;
  metered?: Part<Settings['metered']> | undefined;
  network?: Part<Settings['network']> | undefined;
  language?: string | null | undefined;
}

/** As kept; what was never set has its default. Throws `state-corrupt`. */
export async function readSettings(home: Home): Promise<Settings> {
  const bytes = await readIfThere(home.settingsFile);
  return bytes === null ? settingsSchema.parse({}) : parseJson(settingsSchema, bytes);
}

/** What is named is changed, lists as a whole, and kept. Throws `invalid-argument`, and then nothing has changed. */
export async function changeSettings(home: Home, changes: SettingsChanges): Promise<Settings> {
  const now = await readSettings(home);
  const { bandwidth, metered, network, language } = changes;
  const parsed = settingsSchema.safeParse({
    bandwidth: { ...now.bandwidth, ...named(bandwidth) },
    metered: { ...now.metered, ...named(metered) },
    network: { ...now.network, ...named(network) },
    language: language === undefined ? now.language : language,
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new OnefoldError(
      'invalid-argument',
      `${issue?.path.join('.') ?? 'settings'}: ${issue?.message ?? 'invalid'}`,
    );
  }
  const { authoritiesFile } = parsed.data.network;
  if (network !== undefined && authoritiesFile !== null) await trusting(authoritiesFile);
  await writeDurably(home.settingsFile, `${JSON.stringify(parsed.data, null, 2)}\n`);
  return parsed.data;
}

function named(part: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(part ?? {}).filter(([, value]) => value !== undefined));
}
