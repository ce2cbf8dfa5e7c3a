import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  answersAt,
  findFreePorts,
  makeEngineFolder,
  spawnEngine,
  whenReady,
  type EngineCommand,
} from './engine-process.ts';

export type BalancerKind = 'haproxy' | 'nginx';

export interface Balancer {
  readonly url: string;
  kill(): Promise<void>;
}

const DEPLOY = fileURLToPath(new URL('../../deploy/', import.meta.url));
/** Descriptors of a machine that may not raise its limit: two for each connection. */
const MAX_CONNECTIONS = 9_000;

/** A configuration of deploy/ with the parts of one place changed: addresses, nodes, and no TLS. Throws where such a part is not there any more. */
function changed(text: string, changes: readonly (readonly [pattern: RegExp, by: string])[]): string {
  return changes.reduce((done, [pattern, by]) => {
    if (!pattern.test(done)) throw new Error(`the balancer's configuration has no ${pattern.source}`);
    return done.replace(pattern, by);
  }, text);
}

function haproxyCommand(folder: string, listen: string, nodes: readonly string[]): EngineCommand {
  const file = join(folder, 'haproxy.cfg');
  const servers = nodes.map((node, i) => `  server node${i + 1} ${node} check\n`).join('');
  const text = changed(readFileSync(join(DEPLOY, 'haproxy.cfg'), 'utf8'), [
    [/maxconn \d+/, `maxconn ${MAX_CONNECTIONS}`],
    [/frontend plain\n(?: {2}.*\n)+/, ''],
    [/bind :443 .*/, `bind ${listen}`],
    [/(?: {2}server \S+ .*\n)+/, servers],
  ]);
  writeFileSync(file, text);
  return { name: 'haproxy', folder, command: '/usr/sbin/haproxy', args: ['-db', '-f', file] };
}

function nginxCommand(folder: string, listen: string, nodes: readonly string[]): EngineCommand {
  const file = join(folder, 'nginx.conf');
  const servers = nodes.map((node) => `  server ${node} max_fails=1 fail_timeout=2s;\n`).join('');
  const site = changed(readFileSync(join(DEPLOY, 'nginx.conf'), 'utf8'), [
    [/(?: {2}server \S+ max_fails.*\n)+/, servers],
    [/server \{\n {2}listen 80;\n(?: {2}.*\n)+\}\n/, ''],
    [/listen 443 .*;/, `listen ${listen};`],
    [/(?: {2}ssl_.*\n)+/, ''],
  ]);
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, name), { recursive: true });
  const paths = ['fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
  // One process: workers outlive a master that is killed.
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr warn;
events { worker_connections ${2 * MAX_CONNECTIONS}; }
http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; ${paths}
${site}}
`,
  );
  return { name: 'nginx', folder, command: '/usr/sbin/nginx', args: ['-e', 'stderr', '-c', file] };
}

/** HAProxy or nginx before server nodes (HOST:PORT), on loopback, configured as deploy/ has it for a real one. */
export async function startBalancer(options: {
  readonly kind: BalancerKind;
  readonly folder: string;
  readonly nodes: readonly string[];
}): Promise<Balancer> {
  const folder = join(options.folder, options.kind);
  await makeEngineFolder(folder);
  const [port = 0] = await findFreePorts(1);
  const toCommand = options.kind === 'haproxy' ? haproxyCommand : nginxCommand;
  const command = toCommand(folder, `127.0.0.1:${port}`, options.nodes);
  const engine = spawnEngine(command);
  await whenReady(engine, command, () => answersAt(port));
  return { url: `http://127.0.0.1:${port}`, kill: () => engine.kill() };
}
