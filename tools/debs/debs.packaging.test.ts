// The Debian packages, built, read, installed on a machine with systemd, used by two people of one account, removed and purged.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDeb } from './build-deb.ts';
import { startMachine, type Machine } from './machine.ts';
import { DEB_ARCHITECTURES, DEBS, type DebArchitecture } from './packages.ts';
import { readManifest, workspacesOf } from './stage.ts';

const OWN: DebArchitecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const OTHER: DebArchitecture = OWN === 'arm64' ? 'amd64' : 'arm64';
const isDebianAsRoot = existsSync('/etc/debian_version') && process.getuid?.() === 0;

function say(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  return stdout;
}

const namesIn = (path: string): string[] =>
  say('sh', '-c', 'dpkg-deb --fsys-tarfile "$0" | tar -t', path).trim().split('\n');

test('a program is made of the workspaces it names, of theirs, and of the launcher', () => {
  expect(workspacesOf('apps/server').sort()).toEqual([
    'apps/server',
    'packages/journal',
    'packages/launcher',
    'packages/protocol',
  ]);
});

describe.runIf(isDebianAsRoot)('the Debian packages', () => {
  let folder: string;
  const paths = new Map<string, string>();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'onefold-debs-'));
    for (const deb of DEBS) paths.set(deb.name, buildDeb(deb, OWN, folder, 'gzip'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const pathOf = (name: string): string => paths.get(name) ?? '';

  test.each(DEBS)(
    '$name holds its program, one Node and the compiled parts of this architecture, and nothing else',
    (deb) => {
      const names = namesIn(pathOf(deb.name));
      const home = `./usr/lib/${deb.name}`;
      for (const needed of [
        `./usr/bin/${deb.command}`,
        `${home}/${deb.workspace}/${deb.entry}`,
        `${home}/bin/node`,
        `${home}/node_modules/node-linux-${DEB_ARCHITECTURES[OWN]}/bin/node`,
        `${home}/node_modules/node-linux-${DEB_ARCHITECTURES[OWN]}/LICENSE`,
        `${home}/node_modules/better-sqlite3/LICENSE`,
        `./usr/share/doc/${deb.name}/copyright`,
      ])
        expect(names).toContain(needed);
      const compiled = names.filter((name) => name.endsWith('.node'));
      expect(compiled).toContain(`${home}/node_modules/better-sqlite3/prebuilds/linux-${DEB_ARCHITECTURES[OWN]}.node`);
      expect(compiled.filter((name) => !name.includes(`linux-${DEB_ARCHITECTURES[OWN]}`))).toEqual([]);
      // Tests, sources of what is compiled, maps, state, keys.
      const astray = names.filter(
        (name) =>
          /\.test\.|\.(?:map|cc?|cpp|h|hpp|gyp|sqlite|key|pem|log)$|\/\.[^/]+$/u.test(name) ||
          (/\/(?:testing|fixtures)\//u.test(name) && !name.includes('/node_modules/')),
      );
      expect(astray).toEqual([]);
      const ours = names.filter(
        (name) => name.startsWith(home) && !name.includes('/node_modules/') && name.endsWith('.ts'),
      );
      expect(ours.length).toBeGreaterThan(50);
      const tops = new Set(names.filter((name) => name.split('/').length > 2).map((name) => name.split('/')[1]));
      expect([...tops].sort()).toEqual(deb.name === 'onefold-server' ? ['etc', 'usr'] : ['usr']);
    },
  );

  test('their packages for another architecture bring that one’s binaries', () => {
    const deb = DEBS.find(({ name }) => name === 'onefold-server');
    if (deb === undefined) throw new Error('no server');
    const path = buildDeb(deb, OTHER, join(folder, 'other'), 'gzip');
    expect(say('dpkg-deb', '--field', path, 'Architecture').trim()).toBe(OTHER);
    const compiled = namesIn(path).filter((name) => /\.node$|\/bin\/node$/u.test(name));
    expect(compiled.filter((name) => name.includes(`linux-${DEB_ARCHITECTURES[OTHER]}`)).length).toBeGreaterThan(1);
    expect(compiled.filter((name) => name.includes(`linux-${DEB_ARCHITECTURES[OWN]}`))).toEqual([]);
  });

  describe('on a machine with systemd', () => {
    let machine: Machine;
    /** What lay on the machine before, as far as packages go. */
    const everything = (): string =>
      machine.ok(['sh', '-c', 'find /usr /etc /var/lib /lib /opt /srv -xdev | LC_ALL=C sort']);
    let before: string;

    beforeAll(async () => {
      machine = await startMachine((into) => {
        for (const path of paths.values()) say('cp', path, into);
      });
      before = everything();
    });

    afterAll(() => machine.stop());

    /** A command of a user with a session of systemd's. */
    function as(user: string, ...command: string[]): string {
      const uid = machine.ok(['id', '-u', user]).trim();
      return machine.ok(command, { user, env: { HOME: `/home/${user}`, XDG_RUNTIME_DIR: `/run/user/${uid}` } });
    }

    function addUser(user: string): void {
      machine.ok(['adduser', '--quiet', '--disabled-password', '--gecos', '', user]);
      // As `loginctl enable-linger`: else their units end a while after the upgrade has looked in on them, on a slow machine before the test does.
      machine.ok(['sh', '-c', `mkdir -p /var/lib/systemd/linger && touch /var/lib/systemd/linger/${user}`]);
      machine.ok(['sh', '-c', `systemctl start "user@$(id -u ${user}).service"`]);
    }

    const isActive = (): string => machine.run(['systemctl', 'is-active', 'onefold-server']).stdout.trim();
    /** With the server's own Node: the machine may have no other. */
    const ready = (): string =>
      machine
        .run([
          '/usr/lib/onefold-server/bin/node',
          '-e',
          "fetch('http://127.0.0.1:7440/readyz').then((answer) => console.log(answer.status), (error) => console.log(error.message))",
        ])
        .stdout.trim();

    test('install without a question, and the server runs as a user of its own', async () => {
      machine.ok(['sh', '-c', 'DEBIAN_FRONTEND=noninteractive dpkg -i /run/packages/*.deb']);
      expect(isActive()).toBe('active');
      await expect.poll(ready, { timeout: 60_000 }).toBe('200');
      const pid = machine.ok(['systemctl', 'show', '--property=MainPID', '--value', 'onefold-server']).trim();
      expect(machine.ok(['ps', '-o', 'user=', '-p', pid]).trim()).toMatch(/^onefold/u);
      expect(machine.ok(['stat', '-c', '%U %a', '/var/lib/onefold-server'])).toBe('onefold-server 700\n');
      expect(machine.ok(['stat', '-c', '%U %a', '/etc/onefold-server.env'])).toBe('root 600\n');
      expect(machine.ok(['man', '-w', 'onefold'])).toContain('onefold.1');
      expect(machine.run(['systemd-analyze', 'verify', 'onefold-server.service']).code).toBe(0);
      const [, exposure] = /exposure level for \S+: ([\d.]+)/u.exec(
        machine.ok(['systemd-analyze', 'security', 'onefold-server.service']),
      ) ?? ['', 'unknown'];
      expect(Number(exposure)).toBeLessThan(2.5);
      for (const { name, workspace } of DEBS)
        for (const folder of workspacesOf(workspace)) {
          const packages = Object.keys(readManifest(folder).dependencies ?? {});
          const load = packages.map((wanted) => `await import(${JSON.stringify(wanted)});`).join('');
          const home = `/usr/lib/${name}`;
          const place = ['env', `--chdir=${home}/${folder}`, `${home}/bin/node`, '--input-type=module', '-e', load];
          expect([folder, machine.run(place).stderr]).toEqual([folder, '']);
        }
      // Nothing of a user's starts by itself.
      expect(machine.run(['pgrep', '-f', 'onefold-daemon']).code).toBe(1);
    });

    test('the server goes on when it is reloaded, comes back when it is killed, and stays away when its settings cannot be', async () => {
      const main = (): string =>
        machine.ok(['systemctl', 'show', '--property=MainPID', '--value', 'onefold-server']).trim();
      const pid = main();
      machine.ok(['systemctl', 'reload', 'onefold-server']);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect([isActive(), main(), ready()]).toEqual(['active', pid, '200']);
      machine.ok(['kill', '-KILL', pid]);
      await expect.poll(ready, { timeout: 60_000 }).toBe('200');
      expect(main()).not.toBe(pid);
      const set = (line: string): string =>
        machine.ok(['sh', '-c', `echo '${line}' >> /etc/onefold-server.env; systemctl restart onefold-server`]);
      set('ONEFOLD_SERVER_LISTEN=127.0.0.1:443');
      await expect.poll(isActive).toBe('active');
      set('ONEFOLD_SERVER_SESSION_MS=never');
      const result = (): string => machine.ok(['systemctl', 'show', '--property=Result,NRestarts', 'onefold-server']);
      await expect.poll(isActive, { timeout: 20_000 }).toBe('failed');
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect([isActive(), result()]).toEqual(['failed', 'Result=exit-code\nNRestarts=0\n']);
      machine.ok(['sh', '-c', "sed -i '/LISTEN=127.0.0.1:443/d; /SESSION_MS=never/d' /etc/onefold-server.env"]);
      machine.ok(['systemctl', 'restart', 'onefold-server']);
      await expect.poll(ready, { timeout: 60_000 }).toBe('200');
    });

    test('two people of one account have the same folder, each by a unit of systemd', async () => {
      for (const user of ['anna', 'bert']) addUser(user);
      const account = [
        '--server',
        'http://127.0.0.1:7440',
        '--email',
        'anna@onefold.example',
        '--password-file',
        '/tmp/pw',
        '--kit',
        '/tmp/kit.txt',
      ];
      machine.ok(['sh', '-c', 'echo "correct horse battery staple" > /tmp/pw; chown anna /tmp/pw; chmod 600 /tmp/pw']);
      as('anna', 'onefold', 'account', 'create', ...account);
      machine.ok(['chown', 'bert', '/tmp/pw', '/tmp/kit.txt']);
      as('bert', 'onefold', 'login', ...account);
      for (const user of ['anna', 'bert']) {
        as(user, 'mkdir', `/home/${user}/Onefold`);
        as(user, 'onefold', 'add', `/home/${user}/Onefold`);
        as(user, 'systemctl', '--user', 'enable', '--now', 'onefold');
      }
      as('anna', 'sh', '-c', 'echo "über die Brücke" > "$HOME/Onefold/Ünïcode.txt"');
      await expect
        .poll(() => machine.run(['cat', '/home/bert/Onefold/Ünïcode.txt']).stdout, { timeout: 60_000 })
        .toBe('über die Brücke\n');
      expect(as('bert', 'systemctl', '--user', 'is-active', 'onefold')).toBe('active\n');
      as('anna', 'onefold', 'sync', '--wait', '--timeout', '60');
    });

    test('an upgrade restarts the server and the daemons that ran, and keeps a changed setting', async () => {
      const pidOf = (user: string): string =>
        as(user, 'systemctl', '--user', 'show', '--property=MainPID', '--value', 'onefold').trim();
      const daemonBefore = pidOf('anna');
      machine.ok(['sh', '-c', 'echo ONEFOLD_SERVER_REGISTRATION=closed >> /etc/onefold-server.env']);
      machine.ok(['sh', '-c', 'DEBIAN_FRONTEND=noninteractive dpkg -i /run/packages/*.deb']);
      expect(machine.ok(['cat', '/etc/onefold-server.env'])).toContain('\nONEFOLD_SERVER_REGISTRATION=closed\n');
      await expect.poll(ready, { timeout: 60_000 }).toBe('200');
      await expect.poll(() => pidOf('anna') !== daemonBefore && pidOf('anna') !== '0', { timeout: 60_000 }).toBe(true);
      as('bert', 'sh', '-c', 'echo back > "$HOME/Onefold/after.txt"');
      await expect
        .poll(() => machine.run(['cat', '/home/anna/Onefold/after.txt']).stdout, { timeout: 60_000 })
        .toBe('back\n');
    });

    test('removed, nothing of them runs or is left but settings and what people keep; purged, only the latter', () => {
      machine.ok(['dpkg', '-r', 'onefold-daemon', 'onefold-server']);
      expect(machine.run(['pgrep', '-f', '/usr/lib/onefold']).code).toBe(1);
      expect(isActive()).not.toBe('active');
      expect(machine.run(['ls', '/usr/lib/onefold-server', '/usr/lib/onefold-daemon']).code).not.toBe(0);
      expect(machine.run(['test', '-e', '/etc/onefold-server.env']).code).toBe(0);
      const { stderr } = machine.run(['dpkg', '-P', 'onefold-daemon', 'onefold-server']);
      expect(stderr).toContain('its data stays in /var/lib/onefold-server');
      expect(machine.ok(['cat', '/home/bert/Onefold/Ünïcode.txt'])).toBe('über die Brücke\n');
      const had = new Set(before.split('\n'));
      const left = everything()
        .split('\n')
        .filter((path) => !had.has(path));
      // The system's own notes: of packages, manual pages, users and timers.
      const own =
        /^\/var\/lib\/(?:dpkg|systemd|apt|man-db|private)\b|^\/etc\/(?:passwd|group|g?shadow|sub[ug]id)-?$|^\/etc\/\.pwd\.lock$|^\/etc\/machine-id$/u;
      expect(left.filter((path) => !own.test(path) && !path.startsWith('/var/lib/onefold-server'))).toEqual([]);
      expect(left).toContain('/var/lib/onefold-server/metadata.db');
      expect(machine.run(['systemctl', 'list-unit-files', 'onefold*', '--no-legend']).stdout.trim()).toBe('');
    });

    test('purged where nobody kept anything, its user goes too', () => {
      machine.ok(['rm', '-r', '/var/lib/onefold-server']);
      machine.ok([
        'sh',
        '-c',
        'dpkg -i /run/packages/onefold-server*.deb && systemctl stop onefold-server && rm -r /var/lib/onefold-server && dpkg -P onefold-server',
      ]);
      expect(machine.run(['id', 'onefold-server']).code).not.toBe(0);
    });
  });
});
