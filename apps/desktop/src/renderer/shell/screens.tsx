import type { ReactNode } from 'react';
import { AccountScreen } from '../account/account-screen.tsx';
import { ActivityScreen } from '../activity/activity-screen.tsx';
import { ConflictsScreen } from '../conflicts/conflicts-screen.tsx';
import { DevicesScreen } from '../devices/devices-screen.tsx';
import { FilesScreen } from '../files/files-screen.tsx';
import { Home } from '../home/home.tsx';
import type { IconName } from '../parts/icons.tsx';
import type { ScreenName } from '../route/route.ts';
import { PastScreen } from '../past/past-screen.tsx';
import { SearchScreen } from '../search/search-screen.tsx';
import { SettingsScreen } from '../settings/settings-screen.tsx';
import { StorageScreen } from '../storage/storage-screen.tsx';
import { TrashScreen } from '../trash/trash-screen.tsx';
import { VersionsScreen } from '../versions/versions-screen.tsx';

export interface Screen {
  readonly name: ScreenName;
  readonly show: () => ReactNode;
}

/** The screens that are there, in no order. A screen is added here and, when one goes to it from the rail, in RAIL. */
export const SCREENS: readonly Screen[] = [
  { name: 'home', show: () => <Home /> },
  { name: 'activity', show: () => <ActivityScreen /> },
  { name: 'search', show: () => <SearchScreen /> },
  { name: 'files', show: () => <FilesScreen /> },
  { name: 'conflicts', show: () => <ConflictsScreen /> },
  { name: 'past', show: () => <PastScreen /> },
  { name: 'storage', show: () => <StorageScreen /> },
  { name: 'trash', show: () => <TrashScreen /> },
  { name: 'devices', show: () => <DevicesScreen /> },
  { name: 'settings', show: () => <SettingsScreen /> },
  { name: 'account', show: () => <AccountScreen /> },
  { name: 'versions', show: () => <VersionsScreen /> },
];

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
