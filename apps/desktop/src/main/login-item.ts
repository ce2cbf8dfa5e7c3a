import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { app } from 'electron';

/** Told to the app by the system's login, so that no window opens then. */
export const HIDDEN_ARGUMENT = '--hidden';

/** Opens the app when its person logs in, or no longer does. Electron knows how on macOS and Windows; on Linux it is a file. */
export async function setOpenAtLogin(isOn: boolean): Promise<void> {
  if (process.platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: isOn, args: [HIDDEN_ARGUMENT] });
    return;
  }
  const folder = join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'autostart');
  const file = join(folder, 'onefold.desktop');
  if (!isOn) return rm(file, { force: true });
  await mkdir(folder, { recursive: true });
  // An AppImage is another file each time it is mounted; what the person started is named by the environment.
  await writeFile(file, autostartEntry(process.env['APPIMAGE'] ?? process.execPath));
}

/** A desktop entry (freedesktop.org, Desktop Entry Specification 1.5: an argument of Exec is quoted, then the value as a whole escaped). */
export function autostartEntry(executable: string): string {
  const asArgument = executable.replace(/["`$\\]/gu, (character) => `\\${character}`).replace(/%/gu, '%%');
  const quoted = `"${asArgument.replace(/\\/gu, '\\\\')}"`;
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Onefold',
    `Exec=${quoted} ${HIDDEN_ARGUMENT}`,
    'X-GNOME-Autostart-enabled=true',
    'Terminal=false',
    '',
  ].join('\n');
}
