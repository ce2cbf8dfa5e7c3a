import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answersAt, findFreePorts, makeEngineFolder, spawnEngine, whenReady } from './engine-process.ts';

export interface Balancer {
  readonly url: string;
  kill(): Promise<void>;
}

/**
 * HAProxy before server nodes. A node is taken out within a second when `/readyz` fails; WebSockets and long polls pass. The same configuration, with
 * TLS added, suits a real deployment (docs/OPERATIONS.md).
 */
export function balancerConfig(listen: string, nodes: readonly string[]): string {
  const servers = nodes.map((node, i) => `  server node${i + 1} ${node} check`);
  return `global
  maxconn 9000
defaults
  mode http
  timeout connect 5s
  timeout client 15m
  timeout server 2m
  timeout tunnel 1h
  retries 2
  option redispatch
  option forwardfor
frontend onefold
  bind ${listen}
  default_backend nodes
backend nodes
  balance leastconn
  option httpchk GET /readyz
  default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
${servers.join('\n')}
`;
}

/** `nodes` are HOST:PORT. */
export async function startBalancer(options: {
  readonly folder: string;
  readonly nodes: readonly string[];
}): Promise<Balancer> {
  const folder = join(options.folder, 'haproxy');
  await makeEngineFolder(folder);
  const [port = 0] = await findFreePorts(1);
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, balancerConfig(`127.0.0.1:${port}`, options.nodes));
  const command = { name: 'haproxy', folder, command: '/usr/sbin/haproxy', args: ['-db', '-f', file] };
  const engine = spawnEngine(command);
  await whenReady(engine, command, () => answersAt(port));
  return { url: `http://127.0.0.1:${port}`, kill: () => engine.kill() };
}
