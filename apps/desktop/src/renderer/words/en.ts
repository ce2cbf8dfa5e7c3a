import { account } from './en/account.ts';
import { activity } from './en/activity.ts';
import { attention } from './en/attention.ts';
import { checks } from './en/checks.ts';
import { clock } from './en/clock.ts';
import { conflicts } from './en/conflicts.ts';
import { devices } from './en/devices.ts';
import { files } from './en/files.ts';
import { home } from './en/home.ts';
import { kit } from './en/kit.ts';
import { linking } from './en/linking.ts';
import { look } from './en/look.ts';
import { mishap } from './en/mishap.ts';
import { past } from './en/past.ts';
import { search } from './en/search.ts';
import { settings } from './en/settings.ts';
import { setup } from './en/setup.ts';
import { shell } from './en/shell.ts';
import { storage } from './en/storage.ts';
import { trash } from './en/trash.ts';
import { versions } from './en/versions.ts';

/** Every English word of the page, a file for each screen. ko.ts has the same keys. */
export const en = {
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
} as const;
