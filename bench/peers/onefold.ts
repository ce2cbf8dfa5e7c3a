import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePort, runOk, startService, type Service } from '../../tools/command-line.ts';
import type { Peer, PeerKind } from './peer.ts';

/** The product as people run it: a server and two daemons on this machine, everything sealed. */
export const onefold: PeerKind = {
  name: 'onefold',
  isInstalled: () => true,
  async start(folder) {
    const port = await findFreePort();
    const url = `http://127.0.0.1:${port}`;
    const services: Service[] = [];
    await mkdir(folder, { recursive: true });
    const password = join(folder, 'password.txt');
    await writeFile(password, 'benchmark password\n', { mode: 0o600 });
    services.push(
      await startService('onefold-server', ['--data', join(folder, 'server'), '--listen', `127.0.0.1:${port}`]),
    );
    const account = [
      '--server',
      url,
      '--email',
      'bench@onefold.example',
      '--password-file',
      password,
      '--kit',
      join(folder, 'kit'),
    ];
    for (const [name, verb] of [
      ['left', ['account', 'create']],
      ['right', ['login']],
    ] as const) {
      const home = ['--home', join(folder, 'homes', name)];
      await mkdir(join(folder, name), { recursive: true });
      await runOk('onefold', [...verb, ...account, '--device-name', name, ...home]);
      await runOk('onefold', ['add', join(folder, name), ...home]);
      services.push(await startService('onefold', ['daemon', ...home]));
    }
    for (const name of ['left', 'right'])
      await runOk('onefold', ['sync', '--wait', '--home', join(folder, 'homes', name)]);
    const peer: Peer = {
      name: 'onefold',
      note: 'server and two daemons on loopback, end-to-end encrypted, durable',
      left: join(folder, 'left'),
      right: join(folder, 'right'),
      leftPids: [services[1]?.pid ?? -1],
      rightPids: [services[2]?.pid ?? -1],
      async close() {
        for (const service of services.reverse()) await service.end('SIGTERM');
      },
    };
    return peer;
  },
};
