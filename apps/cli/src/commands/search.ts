import type { Command } from 'commander';
import type { FoundEntry } from '@onefold/control';
import { resolveHome, withDaemon } from '@onefold/host';
import { resolveKept } from '../kept-place.ts';
import { homeOption, jsonOption, wholeNumber } from '../options.ts';
import { printAnswer } from '../print-answer.ts';
import { formatBytes } from '../print-status.ts';

interface SearchOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly folder?: string;
  readonly deleted?: boolean;
  readonly limit: number;
}

export function addSearchCommand(program: Command): void {
  program
    .command('search <words...>')
    .description('files and folders whose name holds every word, however it is written; the best match first')
    .option('--folder <folder>', 'of one synced folder only')
    .option('--deleted', 'also what was deleted and can be had back')
    .option('--limit <number>', 'at most so many, up to 200', wholeNumber(1, 200), 200)
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(search);
}

async function search(words: readonly string[], options: SearchOptions): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), (client) =>
    client.call('search', {
      text: words.join(' '),
      limit: options.limit,
      ...(options.folder === undefined ? {} : { folder: resolveKept(options.folder) }),
      ...(options.deleted === true ? { deleted: true } : {}),
    }),
  );
  printAnswer(options.json === true, answer, () => answer.found.map(describeFound));
}

/** One hit as a line; its last column is the whole path. */
export function describeFound({ state, isDeleted, kind, sizeBytes, folder, path }: FoundEntry): string {
  const size = kind === 'file' ? formatBytes(sizeBytes) : kind;
  const stands = isDeleted ? 'deleted' : state;
  return `${stands.padEnd(12)} ${size.padStart(9)}  ${folder}/${path}${kind === 'folder' ? '/' : ''}`;
}
