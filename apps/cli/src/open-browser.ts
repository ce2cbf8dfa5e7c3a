import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeWhole } from '@onefold/host';

export interface BrowserCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * What opens a file of HTML in this user's browser, started without a shell; null where there is nothing to show it on: no display, or a
 * session on another machine's terminal.
 */
export function browserCommand(
  file: string,
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
): BrowserCommand | null {
  const has = (name: string): boolean => (env[name] ?? '') !== '';
  const isRemote = has('SSH_CONNECTION') || has('SSH_TTY');
  switch (platform) {
    case 'win32':
      return isRemote ? null : { command: 'rundll32.exe', args: ['url.dll,FileProtocolHandler', file] };
    case 'darwin':
      return isRemote ? null : { command: 'open', args: [pathToFileURL(file).href] };
    default:
      // A display over SSH is the user's own.
      return has('DISPLAY') || has('WAYLAND_DISPLAY')
        ? { command: 'xdg-open', args: [pathToFileURL(file).href] }
        : null;
  }
}

/**
 * Opens an address that works once in the browser. Everyone on the machine may read what a program was started with, so it goes by way of a
 * file that only this user can read.
 * @returns whether the program that opens it was started
 */
export async function openInBrowser(url: string, home: string): Promise<boolean> {
  const file = join(home, 'open-page.html');
  const chosen = browserCommand(file);
  if (chosen === null) return false;
  await writeWhole(file, redirectTo(url), 0o600);
  return new Promise((resolve) => {
    const child = spawn(chosen.command, [...chosen.args], { detached: true, stdio: 'ignore', windowsHide: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}

/** `url` is one of the daemon's own: nothing in it needs to be escaped. */
function redirectTo(url: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0;url=${url}">
<title>Onefold</title>
<a href="${url}">Onefold</a>
`;
}
