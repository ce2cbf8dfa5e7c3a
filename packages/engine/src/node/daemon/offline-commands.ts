import { openAccount } from './account-context.ts';
import { dropFolder, keepFolder } from './add-folder.ts';
import type { KeptFolder } from './folder-registry.ts';
import { openSetUpHome } from './home.ts';
import { relocateFolder } from './locate-folder.ts';
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
    return asBegun(await keepFolder(context, folder, namespaceName));
  } finally {
    await context.close();
  }
}

/** As DaemonCore.locate. Throws `not-logged-in` besides. */
export async function locateFolderOfHome(home: string, folder: string, to: string): Promise<FolderStatus> {
  return asBegun(await relocateFolder(await openSetUpHome(home), folder, to));
}

function asBegun({ path, namespaceName, isPaused }: KeptFolder): FolderStatus {
  const state = isPaused ? 'paused' : 'syncing';
  return { path, namespace: namespaceName, files: 0, head: 0, paused: isPaused, state, pending: 0 };
}

/** As DaemonCore.remove. Throws `not-logged-in` besides. */
export async function removeFolderFromHome(home: string, folder: string): Promise<void> {
  await dropFolder(await openSetUpHome(home), folder);
}
