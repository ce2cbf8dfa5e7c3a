import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { UpdateState } from '@onefold/control';
import type { AppUpdater } from 'electron-updater';

const LOOK_EVERY_MS = 6 * 3_600_000;

export interface Updates {
  state(): UpdateState;
  install(): void;
  close(): void;
}

/**
 * Looks for new versions, fetches them, and installs when the app quits. The updater checks the publisher's signature (Windows, macOS) and
 * the sum in the signed feed, and takes part in a staged roll-out by an id of this installation. A build without a feed updates nothing.
 *
 * @param resources where a packaged app keeps its update feed
 * @param load gives the updater; asked only when there is a feed
 */
export function watchUpdates(
  resources: string,
  load: () => Promise<AppUpdater>,
  onReady: (version: string) => void,
): Updates {
  let state: UpdateState = { phase: 'off', version: null };
  let updater: AppUpdater | null = null;
  let timer: NodeJS.Timeout | null = null;

  async function begin(): Promise<void> {
    const loaded = await load();
    updater = loaded;
    loaded.autoDownload = true;
    loaded.autoInstallOnAppQuit = true;
    loaded.allowDowngrade = false;
    loaded.on('checking-for-update', () => (state = { phase: 'looking', version: null }));
    loaded.on('update-available', ({ version }) => (state = { phase: 'fetching', version }));
    loaded.on('update-not-available', () => (state = { phase: 'none', version: null }));
    // A server that cannot be reached is ordinary: it is asked again later.
    loaded.on('error', () => (state = { phase: 'failed', version: null }));
    loaded.on('update-downloaded', ({ version }) => {
      state = { phase: 'ready', version };
      onReady(version);
    });
    const look = (): void => void loaded.checkForUpdates().catch(() => undefined);
    look();
    timer = setInterval(look, LOOK_EVERY_MS);
    timer.unref();
  }

  if (existsSync(join(resources, 'app-update.yml'))) {
    state = { phase: 'none', version: null };
    begin().catch(() => (state = { phase: 'failed', version: null }));
  }
  return {
    state: () => state,
    install() {
      if (state.phase === 'ready') updater?.quitAndInstall();
    },
    close() {
      if (timer !== null) clearInterval(timer);
    },
  };
}
