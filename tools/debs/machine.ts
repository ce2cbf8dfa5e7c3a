import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * A machine of its own to install packages on: this Debian's files under a layer that takes what is written, its own processes, network and mounts,
 * and systemd as process 1. Nothing of it reaches the system below. Needs root on Linux.
 */
export interface Machine {
  /** Runs a command inside as root, or as the user named. */
  run(
    command: readonly string[],
    options?: { readonly user?: string; readonly env?: Readonly<Record<string, string>> },
  ): Outcome;
  /** Like `run`, and throws with what was said when the command fails. */
  ok(
    command: readonly string[],
    options?: { readonly user?: string; readonly env?: Readonly<Record<string, string>> },
  ): string;
  /** Paths that were made, changed or deleted since the machine began, outside of /proc, /sys, /dev, /run and /tmp. */
  changedPaths(): string[];
  stop(): Promise<void>;
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const BOOT = `set -e
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs tmpfs sys/fs/cgroup
if mount -t cgroup2 cgroup2 sys/fs/cgroup 2>/dev/null && [ -e /sys/fs/cgroup/cgroup.controllers ]; then :; else
  umount sys/fs/cgroup 2>/dev/null || true
  mount -t tmpfs tmpfs sys/fs/cgroup 2>/dev/null || true
  mkdir -p sys/fs/cgroup/systemd sys/fs/cgroup/unified
  mount -t cgroup2 cgroup2 sys/fs/cgroup/unified
  mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd
fi
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do touch "dev/$device"; mount --bind "/dev/$device" "dev/$device"; done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s /proc/self/fd dev/fd
# A container image may forbid packages to start anything.
rm -f usr/sbin/policy-rc.d
mkdir run/packages
mount --bind "$1/packages" run/packages
exec env -i container=onefold PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /lib/systemd/systemd --unit=basic.target --log-target=null
`;

/**
 * Boots a machine; `packages` is a folder that stands there as /run/packages.
 * @throws {Error} where it does not come up within a minute
 */
export async function startMachine(fillPackages: (folder: string) => void): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-machine-'));
  for (const name of ['upper', 'work', 'root', 'packages']) mkdirSync(join(folder, name));
  fillPackages(join(folder, 'packages'));
  const script = join(folder, 'boot.sh');
  writeFileSync(script, BOOT);
  const unshare = spawn('unshare', ['-m', '-p', '-f', '-u', '-i', '-C', '-n', '--kill-child', 'bash', script, folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  unshare.stderr.on('data', (data) => (said += String(data)));
  const machine = openMachine(folder, unshare);
  const deadlineMs = performance.now() + 60_000;
  while (!/running|degraded/u.test(machine.run(['systemctl', 'is-system-running']).stdout)) {
    if (performance.now() < deadlineMs && unshare.exitCode === null) await sleep(200);
    else {
      await machine.stop();
      throw new Error(`the machine did not come up: ${said}`);
    }
  }
  return machine;
}

function openMachine(folder: string, unshare: ChildProcess): Machine {
  const inside = (): number => {
    const children = spawnSync('pgrep', ['-P', String(unshare.pid)], { encoding: 'utf8' }).stdout.trim();
    return Number(children.split('\n')[0]);
  };
  const run: Machine['run'] = (command, { user, env = {} } = {}) => {
    const pid = inside();
    if (!(pid > 0)) return { code: null, stdout: '', stderr: 'the machine does not run' };
    const settings = Object.entries({ PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', ...env });
    const as = user === undefined ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups'];
    const words = settings.map(([name, value]) => `${name}=${value}`);
    const { status, stdout, stderr } = spawnSync(
      'nsenter',
      ['-t', String(pid), '-a', 'chroot', join(folder, 'root'), 'env', '-i', ...words, ...as, ...command],
      { encoding: 'utf8', maxBuffer: 64 << 20, timeout: 300_000 },
    );
    return { code: status, stdout, stderr };
  };
  return {
    run,
    ok(command, options) {
      const { code, stdout, stderr } = run(command, options);
      if (code !== 0) throw new Error(`${command.join(' ')} ended with ${String(code)}: ${stderr}${stdout}`);
      return stdout;
    },
    changedPaths() {
      const entries = readdirSync(join(folder, 'upper'), { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, 'upper').length))
        .filter((path) => !/^\/(?:proc|sys|dev|run|tmp)\//u.test(path))
        .sort();
    },
    async stop() {
      const ended = new Promise((resolve) => unshare.once('exit', resolve));
      // Process 1 of a namespace takes all others with it.
      if (unshare.exitCode === null && unshare.signalCode === null) {
        unshare.kill('SIGKILL');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}
