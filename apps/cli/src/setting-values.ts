import { LEAST_BYTES_PER_SECOND, settingsSchema, type Settings, type SettingsChanges } from '@onefold/control';
import { OnefoldError } from '@onefold/protocol';
import { isWebAddress } from './options.ts';

const RATE = `a whole number of bytes a second from ${LEAST_BYTES_PER_SECOND}, such as 500kB or 2MB, or null for no limit`;
const ADDRESS = 'an address with http:// or https:// and, where one is named, a port from 1 to 65535';

type SectionName = Exclude<keyof Settings, 'language'>;

/** What each setting takes, as a sentence goes on with it. One without words here does not compile. */
const TAKES: { readonly [S in SectionName]: Readonly<Record<keyof Settings[S], string>> } = {
  bandwidth: {
    upBytesPerSecond: RATE,
    downBytesPerSecond: RATE,
    schedule: `up to 50 entries as JSON, each such as {"days":["mon"],"from":"09:00","to":"17:00","pause":false,"upBytesPerSecond":500000,"downBytesPerSecond":null}; a rate is null or at least ${LEAST_BYTES_PER_SECOND}`,
  },
  metered: {
    is: 'ask-system, yes or no',
    then: 'go-on, limit or pause',
    upBytesPerSecond: RATE,
    downBytesPerSecond: RATE,
  },
  network: {
    proxy: `environment, none, or ${ADDRESS}`,
    pacUrl: `${ADDRESS}, or null`,
    authoritiesFile: 'the path of a PEM file, or null',
  },
};
const LANGUAGE = 'a language tag such as en or ko, or null for that of the system';

/** The change that a name and a value stand for. Throws `invalid-argument` that says what the setting takes. */
export function changeOf(name: string, value: unknown): SettingsChanges {
  const takes = whatItTakes(name);
  if (takes === null)
    throw new OnefoldError('invalid-argument', `no such setting: ${name}; "onefold settings" lists all of them`);
  const [section = '', key] = name.split('.');
  const change = { [section]: key === undefined ? value : { [key]: value } };
  const shape = settingsSchema.shape;
  const parts = settingsSchema
    .extend({
      bandwidth: shape.bandwidth.partial(),
      metered: shape.metered.partial(),
      network: shape.network.partial(),
    })
    .partial()
    .safeParse(change);
  const isNowhere = takes.includes(ADDRESS) && typeof value === 'string' && value.includes(':') && !isWebAddress(value);
  if (!parts.success || isNowhere) throw new OnefoldError('invalid-argument', `${name} takes ${takes}`);
  return parts.data;
}

function whatItTakes(name: string): string | null {
  if (name === 'language') return LANGUAGE;
  for (const [section, keys] of Object.entries(TAKES))
    for (const [key, takes] of Object.entries(keys)) if (name === `${section}.${key}`) return takes;
  return null;
}
