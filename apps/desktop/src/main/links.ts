import { shell } from 'electron';
import type { AppLink } from '@onefold/control';

/** Every address outside that the app ever opens. */
const ADDRESSES: Readonly<Record<AppLink, string>> = {
  help: 'https://onefold.app/help',
  releases: 'https://onefold.app/releases',
  source: 'https://onefold.app/source',
};

export async function openLink(link: AppLink): Promise<void> {
  await shell.openExternal(ADDRESSES[link]);
}
