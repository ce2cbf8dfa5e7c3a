import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** This device's state folder: the same that the command line takes when it is given none, so that both speak of one device. */
export function deviceHome(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const chosen = env['ONEFOLD_HOME'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Onefold');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Onefold');
  return join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'onefold');
}
