import { resolve } from 'node:path';
import type { Command } from 'commander';
import { resolveHome } from '@onefold/host';
import { homeOption, jsonOption } from '../options.ts';
import { printAnswer } from '../print-answer.ts';
import { daemonIfAny } from '../daemon-if-any.ts';
import { resolveKept } from '../kept-place.ts';

interface FolderOptions {
  readonly home?: string;
  readonly namespace?: string;
  readonly json?: boolean;
}

export function addFolderCommands(program: Command): void {
  program
    .command('add <folder>')
    .description('sync a folder; works with and without a running daemon, and never starts one')
    .option('--namespace <name>', "a namespace of its own, made on first use (default: the account's own namespace)")
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(add);
  program
    .command('locate <folder> <place>')
    .description('say where a folder is that is missing or was replaced; nothing missing there counts as deleted')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(locate);
  program
    .command('remove <folder>')
    .description('stop syncing a folder here; deletes nothing anywhere')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(remove);
}

async function add(folder: string, options: FolderOptions): Promise<void> {
  const home = resolveHome(options.home);
  const path = resolve(folder);
  const client = await daemonIfAny(home);
  const added = await (client === null
    ? (await import('@onefold/engine/node')).addFolderToHome(home, path, options.namespace ?? null)
    : client
        .call('add', { path, ...(options.namespace === undefined ? {} : { namespace: options.namespace }) })
        .then((answer) => answer.folder)
        .finally(() => client.close()));
  const where = added.namespace === '' ? "the account's own namespace" : `namespace ${added.namespace}`;
  printAnswer(options.json === true, added, () => [`${added.path} is now synced with ${where}.`]);
}

async function locate(folder: string, place: string, options: FolderOptions): Promise<void> {
  const home = resolveHome(options.home);
  const args = { folder: resolveKept(folder), path: resolve(place) };
  const client = await daemonIfAny(home);
  const located = await (client === null
    ? (await import('@onefold/engine/node')).locateFolderOfHome(home, args.folder, args.path)
    : client
        .call('locate', args)
        .then((answer) => answer.folder)
        .finally(() => client.close()));
  printAnswer(options.json === true, located, () => [`${args.folder} is kept in step at ${located.path} from now on.`]);
}

async function remove(folder: string, options: FolderOptions): Promise<void> {
  const home = resolveHome(options.home);
  const path = resolveKept(folder);
  const client = await daemonIfAny(home);
  if (client === null) await (await import('@onefold/engine/node')).removeFolderFromHome(home, path);
  else await client.call('remove', { path }).finally(() => client.close());
  printAnswer(options.json === true, { path }, () => [`${path} is no longer synced here. Its files stay.`]);
}
