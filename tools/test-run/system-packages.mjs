// What tiers need from the system, and how to get it: as root on Debian it is installed, elsewhere it is named.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findChromium } from './chromium.mjs';

/**
 * @typedef {object} SystemPackage
 * @property {string} debian the names of the Debian packages, parted by spaces
 * @property {string} elsewhere what to do on other systems
 * @property {() => boolean} isPresent
 */

/** @type {Record<'chromium' | 'headless-shell' | 'postgresql' | 'redis' | 'ceph' | 'pgbouncer' | 'haproxy' | 'nginx' | 'strace' | 'shells' | 'systemd', SystemPackage>} */
export const SYSTEM_PACKAGES = {
  chromium: {
    debian: 'chromium',
    elsewhere: 'install Chromium or Chrome, and set ONEFOLD_CHROMIUM to the path of its binary',
    isPresent: () => findChromium() !== undefined,
  },
  'headless-shell': {
    debian: 'chromium-headless-shell',
    elsewhere: 'set ONEFOLD_CHROMIUM to the path of a headless shell of Chromium',
    isPresent: () => existsSync('/usr/bin/chromium-headless-shell'),
  },
  postgresql: {
    debian: 'postgresql',
    elsewhere: 'these tests start PostgreSQL as Debian packs it',
    isPresent: () =>
      ['15', '16', '17', '18'].some((version) => existsSync(`/usr/lib/postgresql/${version}/bin/initdb`)),
  },
  redis: {
    debian: 'redis-server',
    elsewhere: 'install Redis 6 or later',
    isPresent: () => isOnPath('redis-server'),
  },
  ceph: {
    debian: 'ceph-mon ceph-osd radosgw',
    elsewhere: 'these tests start Ceph as Debian packs it',
    isPresent: () => ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin'].every(isOnPath),
  },
  pgbouncer: {
    debian: 'pgbouncer',
    elsewhere: 'install PgBouncer 1.18 or later',
    isPresent: () => isOnPath('pgbouncer') || existsSync('/usr/sbin/pgbouncer'),
  },
  haproxy: {
    debian: 'haproxy',
    elsewhere: 'install HAProxy 2 or later',
    isPresent: () => isOnPath('haproxy') || existsSync('/usr/sbin/haproxy'),
  },
  nginx: {
    debian: 'nginx-light',
    elsewhere: 'install nginx 1.22 or later',
    isPresent: () => isOnPath('nginx') || existsSync('/usr/sbin/nginx'),
  },
  strace: {
    debian: 'strace',
    elsewhere: 'install strace 5.16 or later: it makes a disk slow, hanging or failing for one process',
    isPresent: () => isOnPath('strace'),
  },
  shells: {
    debian: 'bash zsh fish groff',
    elsewhere: 'install bash, zsh, fish and groff',
    isPresent: () => ['bash', 'zsh', 'fish', 'groff'].every(isOnPath),
  },
  systemd: {
    debian: 'systemd dbus dbus-user-session adduser man-db procps',
    elsewhere: 'these tests install Debian packages on a Debian with systemd',
    isPresent: () =>
      ['systemctl', 'dpkg-deb', 'adduser', 'dbus-daemon', 'man', 'pgrep'].every(isOnPath) &&
      existsSync('/usr/lib/systemd/user/dbus.socket'),
  },
};

/** @param {string} command */
function isOnPath(command) {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}

function isDebian() {
  return existsSync('/etc/debian_version') && isOnPath('apt-get');
}

/**
 * @param {readonly (keyof typeof SYSTEM_PACKAGES)[]} names
 * @returns {(keyof typeof SYSTEM_PACKAGES)[]} those that are not there
 */
export function missingPackages(names) {
  return [...new Set(names)].filter((name) => !SYSTEM_PACKAGES[name].isPresent());
}

/**
 * @param {readonly (keyof typeof SYSTEM_PACKAGES)[]} names
 * @returns {string} the command, or the sentence, that would bring them
 */
export function howToInstall(names) {
  if (!isDebian()) return names.map((name) => SYSTEM_PACKAGES[name].elsewhere).join('; ');
  return `sudo apt-get install -y ${names.map((name) => SYSTEM_PACKAGES[name].debian).join(' ')}`;
}

/**
 * Installs packages if this process may. A failure is told and left to the tiers that then cannot run.
 * @param {readonly (keyof typeof SYSTEM_PACKAGES)[]} names
 * @param {(line: string) => void} say
 */
export function installPackages(names, say) {
  if (names.length === 0 || !isDebian() || process.getuid?.() !== 0) return;
  const debian = names.flatMap((name) => SYSTEM_PACKAGES[name].debian.split(' '));
  say(`installing with apt-get: ${debian.join(' ')}`);
  // Another apt may be at work, for instance the system's own nightly one.
  const apt = ['-o', 'DPkg::Lock::Timeout=400', '-q', '-y'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '--no-install-recommends', ...debian]]) {
    const run = spawnSync('apt-get', [...apt, ...args], { stdio: ['ignore', 2, 2], env });
    if (run.status !== 0) say(`apt-get ${args.join(' ')} failed (${run.error?.message ?? run.status ?? run.signal})`);
  }
}
