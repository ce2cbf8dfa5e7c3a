import type { Command } from 'commander';
import type { TrashedEntry } from '@onefold/control';
import { resolveHome, withDaemon } from '@onefold/host';
import { OnefoldError } from '@onefold/protocol';
import { askFirst, yesOption } from '../ask-first.ts';
import { resolveKept } from '../kept-place.ts';
import { homeOption, jsonOption } from '../options.ts';
import { printAnswer } from '../print-answer.ts';
import { formatBytes } from '../print-status.ts';

interface TrashOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly to?: string;
  readonly text?: string;
  readonly gone?: boolean;
  readonly yes?: boolean;
}

export function addTrashCommands(program: Command): void {
  const trash = program.command('trash').description('what was deleted and can be had back');
  const define = (name: string, description: string): Command =>
    trash.command(name).description(description).addOption(homeOption()).addOption(jsonOption());
  define('list [folder]', 'here, and on the server; the last deleted first')
    .option('--text <words>', 'only what has these words in its name')
    .option('--gone', 'what the server has let go of instead, which cannot be had back')
    .action(list);
  define('restore <folder> <ids...>', 'put things back to where they stood')
    .option('--to <path>', 'inside the folder: somewhere else, for one thing')
    .action(restore);
  define('empty [folder]', 'remove for good what lies in the trash here').addOption(yesOption()).action(empty);
}

async function list(folder: string | undefined, options: TrashOptions): Promise<void> {
  const args = {
    ...(folder === undefined ? {} : { folder: resolveKept(folder) }),
    ...(options.text === undefined ? {} : { text: options.text }),
    ...(options.gone === true ? { gone: true } : {}),
  };
  const answer = await withDaemon(resolveHome(options.home), (client) => client.call('trash', args));
  printAnswer(options.json === true, answer, () => answer.entries.flatMap(describe));
}

export function describe(entry: TrashedEntry): readonly string[] {
  const { where, sizeBytes, trashedAtMs, goesAtMs, folder, path, id } = entry;
  const when = trashedAtMs === null ? '' : new Date(trashedAtMs).toISOString();
  const goes = goesAtMs === null ? '' : `  goes ${new Date(goesAtMs).toISOString().slice(0, 10)}`;
  return [
    `${where.padEnd(6)} ${formatBytes(sizeBytes).padStart(9)}  ${when.padEnd(24)} ${folder}/${path}`,
    `  ${id}${goes}`,
  ];
}

/** One after the other; ends at the first that cannot be put back, and says which were. */
async function restore(folder: string, ids: readonly string[], options: TrashOptions): Promise<void> {
  if (options.to !== undefined && ids.length > 1)
    throw new OnefoldError('usage', 'only one thing can be put at a place of its own');
  const to = options.to === undefined ? {} : { to: options.to };
  const paths: string[] = [];
  try {
    await withDaemon(resolveHome(options.home), async (client) => {
      for (const id of ids)
        paths.push((await client.call('restoreTrash', { folder: resolveKept(folder), id, ...to })).path);
    });
  } finally {
    const answer = ids.length === 1 ? { path: paths[0] } : { paths };
    if (paths.length > 0) printAnswer(options.json === true, answer, () => paths.map((path) => `Restored to ${path}.`));
  }
}

async function empty(folder: string | undefined, options: TrashOptions): Promise<void> {
  const args = folder === undefined ? {} : { folder: resolveKept(folder) };
  await askFirst(options, 'What lies in the trash here goes for good; what the server has of it stays there.');
  const answer = await withDaemon(resolveHome(options.home), (client) => client.call('emptyTrash', args));
  const text = `${answer.count} entries removed for good, ${formatBytes(answer.sizeBytes)} came free.`;
  printAnswer(options.json === true, answer, () => [text]);
}
