import type { Command } from 'commander';
import type { ListedEntry } from '@onefold/control';
import { resolveHome, withDaemon } from '@onefold/host';
import { resolveKept } from '../kept-place.ts';
import { homeOption, jsonOption } from '../options.ts';
import { printAnswer } from '../print-answer.ts';
import { formatBytes } from '../print-status.ts';

interface FileOptions {
  readonly home?: string;
  readonly json?: boolean;
}

export function addFileCommands(program: Command): void {
  const define = (name: string, description: string): Command =>
    program.command(name).description(description).addOption(homeOption()).addOption(jsonOption());

  define('ls [path]', 'entries of a synced folder and their state').action(list);
}

async function list(path: string | undefined, options: FileOptions): Promise<void> {
  const entries = await withDaemon(resolveHome(options.home), async (client) => {
    const all: ListedEntry[] = [];
    let after: string | undefined;
    do {
      const page = await client.call('ls', {
        ...(path === undefined ? {} : { path: resolveKept(path) }),
        ...(after === undefined ? {} : { after }),
      });
      all.push(...page.entries);
      after = page.next;
    } while (after !== undefined);
    return all;
  });
  printAnswer(options.json === true, { entries }, () =>
    entries.map((entry) => {
      const size = entry.kind === 'file' ? formatBytes(entry.sizeBytes) : entry.kind;
      return `${entry.state.padEnd(12)} ${size.padStart(9)}  ${entry.path}${entry.kind === 'folder' ? '/' : ''}`;
    }),
  );
}
