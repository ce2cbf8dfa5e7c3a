import { execFile, spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PeerKind } from './peer.ts';

const runProgram = promisify(execFile);

function isOnPath(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

function oneShot(
  name: string,
  note: string,
  args: (left: string, right: string) => string[],
  env: (folder: string) => Record<string, string>,
): PeerKind {
  return {
    name,
    isInstalled: () => isOnPath(name),
    async start(folder) {
      const left = join(folder, 'left');
      const right = join(folder, 'right');
      await mkdir(left, { recursive: true });
      await mkdir(right, { recursive: true });
      return {
        name,
        note,
        left,
        right,
        leftPids: [],
        async runOnce() {
          await runProgram(name, args(left, right), { env: { ...process.env, ...env(folder) }, maxBuffer: 1 << 28 });
        },
        close: () => Promise.resolve(),
      };
    },
  };
}

/** Copies on one machine, one way, nothing encrypted: the floor. */
export const rsync = oneShot(
  'rsync',
  'one way, run by hand, no watching, nothing encrypted',
  (left, right) => ['-a', '--delete', `${left}/`, `${right}/`],
  () => ({}),
);

export const unison = oneShot(
  'unison',
  'two ways, run by hand, nothing encrypted',
  (left, right) => [left, right, '-batch', '-auto', '-times', '-perms', '0o1777', '-silent', '-confirmbigdel=false'],
  (folder) => ({ UNISON: join(folder, 'unison-state') }),
);
