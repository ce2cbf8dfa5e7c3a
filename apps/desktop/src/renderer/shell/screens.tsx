import type { ComponentType } from 'react';
import { Home } from '../home/home.tsx';
import type { IconName } from '../parts/icons.tsx';
import type { ScreenName } from '../route/route.ts';
import { SearchScreen } from '../search/search-screen.tsx';
import { later } from './later.tsx';
import type { Later } from './later.tsx';

export interface Screen {
  readonly name: ScreenName;
  readonly Screen: ComponentType;
  /** Of a screen that comes when it is asked for. */
  readonly later: Pick<Later<never>, 'ahead' | 'again'> | null;
}

function lazy(name: ScreenName, load: () => Promise<ComponentType>): Screen {
  const coming = later(load);
  return { name, Screen: coming.Screen, later: coming };
}

const HOME: Screen = { name: 'home', Screen: Home, later: null };
/** Who calls it by its keys types on at once: a field that is not there yet would lose the first letters. */
const SEARCH: Screen = { name: 'search', Screen: SearchScreen, later: null };

/** The screens that are there, the likeliest first. A screen is added here and, when one goes to it from the rail, in RAIL. Home and search are there at once. */
const SCREENS: readonly Screen[] = [
  HOME,
  lazy('files', async () => (await import('../files/files-screen.tsx')).FilesScreen),
  lazy('activity', async () => (await import('../activity/activity-screen.tsx')).ActivityScreen),
  SEARCH,
  lazy('versions', async () => (await import('../versions/versions-screen.tsx')).VersionsScreen),
  lazy('conflicts', async () => (await import('../conflicts/conflicts-screen.tsx')).ConflictsScreen),
  lazy('trash', async () => (await import('../trash/trash-screen.tsx')).TrashScreen),
  lazy('settings', async () => (await import('../settings/settings-screen.tsx')).SettingsScreen),
  lazy('devices', async () => (await import('../devices/devices-screen.tsx')).DevicesScreen),
  lazy('storage', async () => (await import('../storage/storage-screen.tsx')).StorageScreen),
  lazy('account', async () => (await import('../account/account-screen.tsx')).AccountScreen),
  lazy('past', async () => (await import('../past/past-screen.tsx')).PastScreen),
];

export function screenNamed(name: ScreenName): Screen {
  return SCREENS.find((screen) => screen.name === name) ?? HOME;
}

/** Has every screen there before it is asked for, one after the other: a click finds it, and so does one made after the daemon has gone. */
export async function fetchScreens(): Promise<void> {
  for (const { later: coming } of SCREENS) await coming?.ahead();
}

/** What is shown to a device without account or folder. */
export const SETUP = later(async () => (await import('../setup/setup-flow.tsx')).SetupFlow);
export const FOLDER_STEP = later(async () => (await import('../setup/folder-step.tsx')).FolderStep);

export interface RailEntry {
  readonly screen: ScreenName;
  readonly icon: IconName;
  /** A key of the words below `rail`. */
  readonly word:
    'home' | 'search' | 'activity' | 'files' | 'conflicts' | 'trash' | 'storage' | 'devices' | 'settings' | 'account';
  readonly place: 'top' | 'foot';
  /** Screens that one comes to from here. */
  readonly alsoFor?: readonly ScreenName[];
}

/** What stands in the rail, from top to bottom. Only screens that exist stand here. */
export const RAIL: readonly RailEntry[] = [
  { screen: 'home', icon: 'home', word: 'home', place: 'top' },
  { screen: 'search', icon: 'search', word: 'search', place: 'top' },
  { screen: 'activity', icon: 'activity', word: 'activity', place: 'top' },
  { screen: 'files', icon: 'files', word: 'files', place: 'top', alsoFor: ['versions', 'past'] },
  { screen: 'conflicts', icon: 'conflict', word: 'conflicts', place: 'top' },
  { screen: 'storage', icon: 'storage', word: 'storage', place: 'foot' },
  { screen: 'trash', icon: 'deleted', word: 'trash', place: 'top' },
  { screen: 'devices', icon: 'device', word: 'devices', place: 'foot' },
  { screen: 'settings', icon: 'settings', word: 'settings', place: 'foot' },
  { screen: 'account', icon: 'account', word: 'account', place: 'foot' },
];
