import type { Progress, Status } from '@onefold/control';
import { inOneLine } from './in-one-line.ts';

/** The status as a few lines for people. Ends with a line break. */
export function describeStatus(status: Status): string {
  const lines = [sentence(status)];
  if (status.progress !== undefined) lines.push(describeProgress(status.progress));
  for (const folder of status.folders) {
    const namespace = folder.namespace === '' ? '' : ` [${folder.namespace}]`;
    lines.push(`  ${folder.path}${namespace}: ${folder.files} files, ${folder.paused ? 'paused' : folder.state}`);
  }
  for (const item of status.attention) {
    lines.push(`! ${item.path === '' ? '' : `${item.path}: `}${item.message} (${item.code}, id ${item.id})`);
  }
  if (!status.server.connected) lines.push(`  server ${status.server.url} is not connected${reasonOf(status)}`);
  return `${lines.map(inOneLine).join('\n')}\n`;
}

const HELD = { schedule: 'Still, as set for this hour', metered: 'Still while the connection is metered' } as const;

function sentence(status: Status): string {
  const unsafe = status.notYetSafe === 1 ? '1 file not yet safe' : `${status.notYetSafe} files not yet safe`;
  switch (status.state) {
    case 'idle':
      return atRest(status, unsafe);
    case 'offline':
      return status.notYetSafe === 0 ? 'Offline.' : `Offline: ${unsafe}.`;
    case 'paused':
      if (status.heldBy !== undefined && !status.paused) return `${HELD[status.heldBy]}: ${unsafe}.`;
      return status.notYetSafe === 0 ? 'Paused.' : `Paused: ${unsafe}.`;
    case 'attention':
      return `${status.attention.length} to look at, ${unsafe}.`;
    case 'syncing':
      return moving(status, unsafe);
  }
}

function moving({ notYetSafe, pending }: Status, unsafe: string): string {
  if (notYetSafe > 0) return `Syncing: ${unsafe}.`;
  return pending > 0 ? `Syncing: ${pending} left.` : 'Looking for changes.';
}

/** Safe only where all of it is: nobody looks into a paused folder, and without a folder nothing is kept. */
function atRest(status: Status, unsafe: string): string {
  const { folders, notYetSafe, pending } = status;
  if (notYetSafe > 0 || pending > 0) return moving(status, unsafe);
  if (folders.length === 0) return 'No folder is kept in step yet ("onefold add" names one).';
  const paused = folders.filter((folder) => folder.paused).length;
  if (paused === 0) return 'Everything is safe.';
  return `${paused === 1 ? '1 folder is' : `${paused} folders are`} paused. The rest is safe.`;
}

function describeProgress(progress: Progress): string {
  const left = progress.secondsLeft === null ? '' : `, ${formatSeconds(progress.secondsLeft)} left`;
  return `  ${progress.filesDone} of ${progress.filesTotal} files, ${formatBytes(progress.bytesPerSecond)}/s${left}`;
}

/** In the largest unit that fits, rounded up: 40 s, 2 min, 3 h. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${Math.ceil(seconds / 3600)} h`;
}

/** Decimal units with one digit where it helps: 999 B, 1.2 kB, 38 MB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

function reasonOf({ server }: Status): string {
  switch (server.offlineBecause) {
    case 'captive-portal':
      return ': this network answers in its place, and may want you to sign in';
    case 'certificate-untrusted':
      return ': its certificate is not trusted here';
    case 'protocol-mismatch':
      return ': it and this device have no version in common (see "onefold doctor")';
    default:
      return '';
  }
}
