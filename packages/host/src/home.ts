import { createHash } from 'node:crypto';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Longest path a Unix socket may have on Linux and macOS (the smaller of the two, without the final zero). */
const SOCKET_PATH_BYTES = 103;

/** A device's state folder: `--home`, else ONEFOLD_HOME, else the system's own place for application state. Absolute. */
export function resolveHome(option: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const chosen = option ?? env['ONEFOLD_HOME'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Onefold');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Onefold');
  return join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'onefold');
}

/**
 * Where the daemon of a home listens: a socket inside the home, or, where that path is too long for a socket, in a private folder of the
 * temp folder; a named pipe on Windows. The same home always gives the same address.
 */
export function controlAddress(home: string): string {
  const digest = createHash('sha256').update(home).digest('hex').slice(0, 32);
  if (process.platform === 'win32') return `\\\\.\\pipe\\onefold-${digest}`;
  const inside = join(home, 'control.sock');
  if (Buffer.byteLength(inside) <= SOCKET_PATH_BYTES) return inside;
  const user = process.getuid?.() ?? 0;
  return join(tmpdir(), `onefold-${user}`, `${digest}.sock`);
}

export function pidPath(home: string): string {
  return join(home, 'daemon.pid');
}
