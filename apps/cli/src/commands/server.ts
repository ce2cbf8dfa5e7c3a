import { Option, type Command } from 'commander';
import { resolveHome, withDaemon } from '@onefold/host';
import type { CallResult, ServerReach } from '@onefold/control';
import { homeOption, jsonOption } from '../options.ts';
import { printAnswer } from '../print-answer.ts';

interface Options {
  readonly home?: string;
  readonly json?: boolean;
}

export function addServerCommands(program: Command): void {
  const server = program.command('server').description('a server that the daemon runs on this computer');
  const define = (name: string, description: string): Command =>
    server.command(name).description(description).addOption(homeOption()).addOption(jsonOption());
  define('start', 'run one from now on; the first account may then be made at it')
    .addOption(
      new Option('--reach <who>', 'who reaches it: this computer, or all in its network')
        .choices(['here', 'network'])
        .default('network'),
    )
    .action(start);
  define('status', 'whether one runs, and its address').action(status);
  define('stop', 'run none any more; what it keeps stays').action(stop);
}

async function start(options: Options & { readonly reach: ServerReach }): Promise<void> {
  const { reach } = options;
  print(await withDaemon(resolveHome(options.home), (client) => client.call('startServer', { reach })), options);
}

async function status(options: Options): Promise<void> {
  print(await withDaemon(resolveHome(options.home), (client) => client.call('ownServer', {})), options);
}

async function stop(options: Options): Promise<void> {
  await withDaemon(resolveHome(options.home), (client) => client.call('stopServer', {}));
  printAnswer(options.json === true, {}, () => ['No server runs here any more.']);
}

function print(answer: CallResult<'ownServer'>, options: Options): void {
  printAnswer(options.json === true, answer, () => describeOwnServer(answer));
}

/** Lines for a person: where it is reached and whether it is, and what to do when it is not. */
export function describeOwnServer({ server, canStart }: CallResult<'ownServer'>): string[] {
  if (server === null)
    return [canStart ? 'No server runs here.' : 'No server runs here, and none is installed beside the daemon.'];
  const old = new URL(server.address).hostname;
  return [
    `${server.address}  ${server.isRunning ? 'runs' : 'does not answer now'}, reached from ${server.reach === 'here' ? 'this computer' : 'its network'}`,
    ...(server.isAtAddress
      ? []
      : [
          `This computer has another address in its network now: other devices look for the server at ${old} and do not find it.`,
          `Give this computer the address ${old} again, best as a fixed one in the settings of the router. Or tell every device, this one first, where it is now: onefold account server http://ADDRESS:${new URL(server.address).port}. Nothing is lost meanwhile: what changes waits on each device.`,
        ]),
    `Everything it keeps is in ${server.folder}`,
  ];
}
