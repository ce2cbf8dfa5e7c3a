import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { appSettingsSchema } from '@onefold/control';
import type { AppSettings } from '@onefold/control';
import { writeWhole } from '@onefold/host';

export const DEFAULT_SETTINGS: AppSettings = {
  openAtLogin: true,
  whenQuit: 'stop',
  notifications: true,
  sealsKeys: null,
  language: 'system',
  pausedUntilMs: null,
};

/** What is undefined stays as it is. */
export type AppSettingsChange = { readonly [K in keyof AppSettings]?: AppSettings[K] | undefined };

export interface AppSettingsFile {
  current(): AppSettings;
  /** Kept durably before it resolves. */
  change(part: AppSettingsChange): Promise<AppSettings>;
}

/** Settings of the app on this machine. What cannot be read is as if it were not there: they hold nothing that cannot be set again. */
export async function openAppSettings(path: string): Promise<AppSettingsFile> {
  let settings = await read(path);
  let turn: Promise<unknown> = Promise.resolve();
  return {
    current: () => settings,
    change(part) {
      const next = turn.then(async () => {
        const changed = merge(settings, part);
        await mkdir(dirname(path), { recursive: true });
        await writeWhole(path, `${JSON.stringify(changed, null, 2)}\n`, 0o600);
        settings = changed;
        return changed;
      });
      turn = next.catch(() => undefined);
      return next;
    },
  };
}

async function read(path: string): Promise<AppSettings> {
  try {
    const parsed = appSettingsSchema.partial().safeParse(JSON.parse(await readFile(path, 'utf8')));
    return merge(DEFAULT_SETTINGS, parsed.success ? parsed.data : {});
  } catch {
    return DEFAULT_SETTINGS;
  }
}

function merge(settings: AppSettings, part: AppSettingsChange): AppSettings {
  const given = Object.entries(part).filter(([, value]) => value !== undefined);
  return { ...settings, ...(Object.fromEntries(given) as Partial<AppSettings>) };
}
