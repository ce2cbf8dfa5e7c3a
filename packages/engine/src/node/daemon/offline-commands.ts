import { openAccount } from './account-context.ts';
import { dropFolder, keepFolder } from './add-folder.ts';
import { openSetUpHome } from './home.ts';
import type { FolderStatus } from './shapes.ts';

/* What a command does to a home while no daemon answers. A daemon that starts meanwhile takes the change up from the list. */

/** As DaemonCore.add. Throws `not-logged-in` besides. */
export async function addFolderToHome(
  home: string,
  folder: string,
  namespaceName: string | null,
): Promise<FolderStatus> {
  const context = await openAccount(await openSetUpHome(home));
  try {
    const kept = await keepFolder(context, folder, namespaceName);
    return {
      path: kept.path,
      namespace: kept.namespaceName,
      files: 0,
      head: 0,
      paused: false,
      state: 'syncing',
      pending: 0,
    };
  } finally {
    await context.close();
  }
}

/** As DaemonCore.remove. Throws `not-logged-in` besides. */
export async function removeFolderFromHome(home: string, folder: string): Promise<void> {
  await dropFolder(await openSetUpHome(home), folder);
}
