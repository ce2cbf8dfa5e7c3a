import { resolve } from 'node:path';
import type { Command } from 'commander';
import { resolveHome, withDaemon } from '@onefold/host';
import { homeOption, jsonOption } from '../options.ts';
import { formatBytes } from '../print-status.ts';

interface TrashOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly to?: string;
}

export function addTrashCommands(program: Command): void {
  const trash = program.command('trash').description('what was deleted and can be had back');
  const define = (name: string, description: string): Command =>
    trash.command(name).description(description).addOption(homeOption()).addOption(jsonOption());
  define('list [folder]', 'here, and on the server; the last deleted first').action(list);
  define('restore <folder> <id>', 'put something back to where it stood')
    .option('--to <path>', 'inside the folder: somewhere else')
    .action(restore);
  define('empty [folder]', 'remove for good what lies in the trash here').action(empty);
}

async function list(folder: string | undefined, options: TrashOptions): Promise<void> {
  const args = folder === undefined ? {} : { folder: resolve(folder) };
  const answer = await withDaemon(resolveHome(options.home), (client) => client.call('trash', args));
  if (options.json === true) return void process.stdout.write(`${JSON.stringify(answer)}\n`);
  for (const { where, sizeBytes, trashedAtMs, folder: root, path, id } of answer.entries) {
    const when = trashedAtMs === null ? '' : new Date(trashedAtMs).toISOString();
    process.stdout.write(
      `${where.padEnd(6)} ${formatBytes(sizeBytes).padStart(9)}  ${when.padEnd(24)} ${root}/${path}\n  ${id}\n`,
    );
  }
}

async function restore(folder: string, id: string, options: TrashOptions): Promise<void> {
  const args = { folder: resolve(folder), id, ...(options.to === undefined ? {} : { to: options.to }) };
  const answer = await withDaemon(resolveHome(options.home), (client) => client.call('restoreTrash', args));
  process.stdout.write(options.json === true ? `${JSON.stringify(answer)}\n` : `Restored to ${answer.path}.\n`);
}

async function empty(folder: string | undefined, options: TrashOptions): Promise<void> {
  const args = folder === undefined ? {} : { folder: resolve(folder) };
  const answer = await withDaemon(resolveHome(options.home), (client) => client.call('emptyTrash', args));
  const text = `${answer.count} entries removed for good, ${formatBytes(answer.sizeBytes)} came free.`;
  process.stdout.write(options.json === true ? `${JSON.stringify(answer)}\n` : `${text}\n`);
}
