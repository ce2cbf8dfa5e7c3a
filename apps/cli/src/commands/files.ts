import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ListedEntry } from '@onefold/control';
import { resolveHome, withDaemon } from '@onefold/host';
import { homeOption, jsonOption } from '../options.ts';
import { formatBytes } from '../print-status.ts';

interface FileOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly version?: string;
  readonly to?: string;
}

export function addFileCommands(program: Command): void {
  const define = (name: string, description: string): Command =>
    program.command(name).description(description).addOption(homeOption()).addOption(jsonOption());

  define('ls [path]', 'entries of a synced folder and their state').action(list);
  define('versions <path>', 'the versions of a file, newest first').action(versions);
  define('restore <path>', 'bring back an earlier version or a deleted file')
    .option('--version <version>', 'which one (see "versions"); default: the newest that is not current')
    .option('--to <path>', 'restore beside instead of into its place')
    .action(restore);
  define('conflicts', 'files that changed on two devices; both are kept').action(conflicts);
}

function print(isJson: boolean, data: unknown, lines: () => readonly string[]): void {
  if (isJson) process.stdout.write(`${JSON.stringify(data)}\n`);
  else for (const line of lines()) process.stdout.write(`${line}\n`);
}

async function list(path: string | undefined, options: FileOptions): Promise<void> {
  const entries = await withDaemon(resolveHome(options.home), async (client) => {
    const all: ListedEntry[] = [];
    let after: string | undefined;
    do {
      const page = await client.call('ls', {
        ...(path === undefined ? {} : { path: resolve(path) }),
        ...(after === undefined ? {} : { after }),
      });
      all.push(...page.entries);
      after = page.next;
    } while (after !== undefined);
    return all;
  });
  print(options.json === true, { entries }, () =>
    entries.map((entry) => {
      const size = entry.kind === 'file' ? formatBytes(entry.sizeBytes) : entry.kind;
      return `${entry.state.padEnd(12)} ${size.padStart(9)}  ${entry.path}${entry.kind === 'folder' ? '/' : ''}`;
    }),
  );
}

async function versions(path: string, options: FileOptions): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), (client) =>
    client.call('versions', { path: resolve(path) }),
  );
  print(options.json === true, answer, () =>
    answer.versions.map(
      (version) =>
        `${version.version.padEnd(10)} ${new Date(version.atMs).toISOString()}  ${formatBytes(version.sizeBytes).padStart(9)}  ${version.device.name}${version.isCurrent ? '  (current)' : ''}`,
    ),
  );
}

async function restore(path: string, options: FileOptions): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), (client) =>
    client.call('restore', {
      path: resolve(path),
      ...(options.version === undefined ? {} : { version: options.version }),
      ...(options.to === undefined ? {} : { to: resolve(options.to) }),
    }),
  );
  print(options.json === true, answer, () => [`Restored to ${answer.path}.`]);
}

async function conflicts(options: FileOptions): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), (client) => client.call('conflicts', {}));
  print(options.json === true, answer, () =>
    answer.conflicts.length === 0
      ? ['No conflicts.']
      : answer.conflicts.map((conflict) => `${conflict.original}: the other side is kept as ${conflict.path}`),
  );
}
