import { account } from './ko/account.ts';
import { activity } from './ko/activity.ts';
import { attention } from './ko/attention.ts';
import { checks } from './ko/checks.ts';
import { clock } from './ko/clock.ts';
import { conflicts } from './ko/conflicts.ts';
import { devices } from './ko/devices.ts';
import { files } from './ko/files.ts';
import { home } from './ko/home.ts';
import { kit } from './ko/kit.ts';
import { linking } from './ko/linking.ts';
import { look } from './ko/look.ts';
import { mishap } from './ko/mishap.ts';
import { past } from './ko/past.ts';
import { search } from './ko/search.ts';
import { settings } from './ko/settings.ts';
import { setup } from './ko/setup.ts';
import { shell } from './ko/shell.ts';
import { storage } from './ko/storage.ts';
import { trash } from './ko/trash.ts';
import { versions } from './ko/versions.ts';
import type { en } from './en.ts';
import type { Worded } from './worded.ts';

/** 한국어. */
export const ko: Worded<typeof en> = {
  ...account,
  ...activity,
  ...attention,
  ...checks,
  ...clock,
  ...conflicts,
  ...devices,
  ...files,
  ...home,
  ...kit,
  ...linking,
  ...look,
  ...mishap,
  ...past,
  ...search,
  ...settings,
  ...setup,
  ...shell,
  ...storage,
  ...trash,
  ...versions,
};
