import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';

/* For tests: what nobody may change. Permissions do not hold root back, the attribute does. */

/** From now on nothing may be made, renamed or removed in the folder; as root a file, too, may not be changed. */
export function makeImmutable(absolute: string): void {
  if (process.getuid?.() === 0) execFileSync('chattr', ['+i', absolute]);
  else chmodSync(absolute, 0o555);
}

export function makeMutable(absolute: string): void {
  if (process.getuid?.() === 0) execFileSync('chattr', ['-i', absolute]);
  else chmodSync(absolute, 0o755);
}
