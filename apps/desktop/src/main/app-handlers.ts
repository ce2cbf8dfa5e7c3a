import { lstat } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { dialog, shell } from 'electron';
import { OnefoldError } from '@onefold/control';
import type { AppHandlers, Status } from '@onefold/control';
import type { AppSettingsFile } from './app-settings.ts';
import { openLink } from './links.ts';
import type { Updates } from './updates.ts';

/** What the page may ask of the app. `status` tells which folders are kept: nothing outside of them is ever shown. */
export function createAppHandlers(parts: {
  readonly settings: AppSettingsFile;
  readonly updates: Updates;
  readonly status: () => Status | null;
  readonly chooseTitle: () => string;
  readonly keyStore: () => Promise<'none' | 'file' | 'sealed'>;
}): AppHandlers {
  const { settings, updates, status } = parts;
  return {
    readSettings: () => settings.current(),
    changeSettings: (part) => settings.change(part),
    async chooseFolder() {
      const { filePaths } = await dialog.showOpenDialog({
        title: parts.chooseTitle(),
        properties: ['openDirectory', 'createDirectory'],
      });
      return { path: filePaths[0] ?? null };
    },
    keyStore: async () => ({ state: await parts.keyStore() }),
    async showInFolder({ folder, path }) {
      const folders = status()?.folders.map((one) => one.path) ?? [];
      const target = placeInside(folders, folder, path);
      if (target === null) throw new OnefoldError('not-found', 'this is in no synced folder');
      const isThere = await lstat(target).then(
        () => true,
        () => false,
      );
      if (!isThere) throw new OnefoldError('not-found', 'this is not on the disk');
      shell.showItemInFolder(target);
      return {};
    },
    async openLink({ link }) {
      await openLink(link);
      return {};
    },
    updateState: () => updates.state(),
    installUpdate() {
      updates.install();
      return {};
    },
  };
}

/** The path of an entry inside a folder that is kept, or null for anything else. */
export function placeInside(folders: readonly string[], folder: string, path: string): string | null {
  if (!folders.includes(folder) || isAbsolute(path) || path.includes('\0')) return null;
  const target = normalize(join(folder, path));
  const root = normalize(folder);
  return target === root || target.startsWith(root.endsWith(sep) ? root : root + sep) ? target : null;
}
