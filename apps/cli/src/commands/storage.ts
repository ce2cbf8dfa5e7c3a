import type { Command } from 'commander';
import type { CallResult } from '@onefold/control';
import { resolveHome, withDaemon } from '@onefold/host';
import { findKeptPlace } from '../kept-place.ts';
import { homeOption, jsonOption } from '../options.ts';
import { printAnswer } from '../print-answer.ts';
import { formatBytes } from '../print-status.ts';

interface StorageOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly server?: boolean;
}

export function addStorageCommand(program: Command): void {
  program
    .command('storage [folder]')
    .description('what takes the space in a synced folder or one inside it, by folder and by kind')
    .option('--server', 'what the server has, instead of what is here')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(storage);
}

async function storage(folder: string | undefined, options: StorageOptions): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), async (client) => {
    const place = await findKeptPlace(client, folder ?? '.');
    return client.call('storage', { ...place, side: options.server === true ? 'server' : 'here' });
  });
  printAnswer(options.json === true, answer, () => storageLines(answer));
}

/** What stands right below the folder, largest first; then kinds, and what is not part of the tree. */
export function storageLines({
  parts,
  kinds,
  trash,
  deleted,
  freeBytes,
  server,
}: CallResult<'storage'>): readonly string[] {
  const line = (sizeBytes: number, count: number, name: string): string =>
    `${formatBytes(sizeBytes).padStart(9)} ${`${count}`.padStart(8)}  ${name}`;
  const bySize = <T extends { readonly sizeBytes: number }>(all: readonly T[]): T[] =>
    [...all].sort((a, b) => b.sizeBytes - a.sizeBytes);
  const quota = server?.quotaBytes ?? null;
  return [
    ...bySize(parts.filter(({ parent }) => parent === 0)).map(({ sizeBytes, count, name, kind }) =>
      line(sizeBytes, count, kind === 'rest' ? '(everything smaller)' : kind === 'folder' ? `${name}/` : name),
    ),
    '',
    ...bySize(kinds).map(({ sizeBytes, count, kind }) => line(sizeBytes, count, kind)),
    '',
    line(trash.sizeBytes, trash.count, 'in the trash here'),
    line(deleted.sizeBytes, deleted.count, 'deleted, kept by the server'),
    ...(freeBytes === null ? [] : [`${formatBytes(freeBytes).padStart(9)}           free on this disk`]),
    ...(server === null
      ? []
      : [
          `${formatBytes(server.usedBytes).padStart(9)}           used on the server, with old versions${quota === null ? '' : `, of ${formatBytes(quota)}`}`,
        ]),
  ];
}
