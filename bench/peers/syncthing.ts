import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePort } from '../../tools/command-line.ts';
import type { PeerKind } from './peer.ts';

interface Side {
  readonly name: 'left' | 'right';
  readonly home: string;
  readonly id: string;
  readonly syncPort: number;
  readonly guiPort: number;
  readonly key: string;
}

async function makeSide(folder: string, name: 'left' | 'right'): Promise<Side> {
  const home = join(folder, 'homes', name);
  await mkdir(join(folder, name), { recursive: true });
  await mkdir(home, { recursive: true });
  execFileSync('syncthing', ['generate', `--home=${home}`, '--no-default-folder', '--skip-port-probing'], {
    stdio: 'ignore',
  });
  const config = await readFile(join(home, 'config.xml'), 'utf8');
  const id = /<device id="([^"]+)"/.exec(config)?.[1] ?? '';
  const key = /<apikey>([^<]+)</.exec(config)?.[1] ?? '';
  return { name, home, id, key, syncPort: await findFreePort(), guiPort: await findFreePort() };
}

/** Loopback only: no discovery, no relays, no reports; one second of watch delay, the shortest it takes. */
function configOf(side: Side, other: Side, folder: string): string {
  const device = (of: Side): string =>
    `<device id="${of.id}" name="${of.name}" compression="metadata"><address>tcp://127.0.0.1:${of.syncPort}</address></device>`;
  return `<configuration version="36">
  <folder id="bench" label="bench" path="${join(folder, side.name)}" type="sendreceive" rescanIntervalS="3600" fsWatcherEnabled="true" fsWatcherDelayS="1" ignorePerms="false">
    <filesystemType>basic</filesystemType><device id="${side.id}"></device><device id="${other.id}"></device><minDiskFree unit="%">0</minDiskFree>
  </folder>
  ${device(side)}${device(other)}
  <gui enabled="true" tls="false"><address>127.0.0.1:${side.guiPort}</address><apikey>${side.key}</apikey></gui>
  <options><listenAddress>tcp://127.0.0.1:${side.syncPort}</listenAddress><globalAnnounceEnabled>false</globalAnnounceEnabled><localAnnounceEnabled>false</localAnnounceEnabled>
  <reconnectionIntervalS>1</reconnectionIntervalS><relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled><urAccepted>-1</urAccepted><crashReportingEnabled>false</crashReportingEnabled><autoUpgradeIntervalH>0</autoUpgradeIntervalH><startBrowser>false</startBrowser></options>
</configuration>`;
}

async function whenConnected(side: Side): Promise<void> {
  for (let i = 0; i < 600; i++) {
    const answer = await fetch(`http://127.0.0.1:${side.guiPort}/rest/system/connections`, {
      headers: { 'x-api-key': side.key },
    })
      .then((response) => response.text())
      .catch(() => '');
    if (answer.includes('"connected": true')) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('syncthing did not connect within a minute');
}

export const syncthing: PeerKind = {
  name: 'syncthing',
  isInstalled: () => spawnSync('syncthing', ['--version'], { stdio: 'ignore' }).status === 0,
  async start(folder) {
    const left = await makeSide(folder, 'left');
    const right = await makeSide(folder, 'right');
    const children: ChildProcess[] = [];
    for (const [side, other] of [
      [left, right],
      [right, left],
    ] as const) {
      await writeFile(join(side.home, 'config.xml'), configOf(side, other, folder));
      children.push(
        spawn('syncthing', ['serve', `--home=${side.home}`, '--no-browser', '--no-restart', '--no-upgrade'], {
          stdio: 'ignore',
        }),
      );
    }
    await whenConnected(left);
    return {
      name: 'syncthing',
      note: 'two instances on loopback, peer to peer without a server, TLS on the wire, plain on disk, watch delay 1 s',
      left: join(folder, 'left'),
      right: join(folder, 'right'),
      leftPids: children.slice(0, 1).map((child) => child.pid ?? -1),
      async close() {
        for (const child of children) child.kill('SIGTERM');
        await Promise.all(
          children.map(
            (child) => new Promise((resolve) => (child.exitCode === null ? child.on('exit', resolve) : resolve(null))),
          ),
        );
      },
    };
  },
};
