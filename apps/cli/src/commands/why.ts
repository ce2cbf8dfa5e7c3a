import { resolve } from 'node:path';
import type { Command } from 'commander';
import { resolveHome, withDaemon } from '@onefold/host';
import { homeOption, jsonOption } from '../options.ts';

export function addWhyCommand(program: Command): void {
  program
    .command('why <path>')
    .description('why an entry is, or is not, in step')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(why);
}

async function why(path: string, options: { readonly home?: string; readonly json?: boolean }): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), (client) =>
    client.call('explain', { path: resolve(path) }),
  );
  if (options.json === true) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else {
    for (const { code, message, cause, retryAtMs } of answer.reasons) {
      const about = [code, ...(cause === undefined ? [] : [cause])].join(', ');
      const next =
        retryAtMs === undefined || code !== 'tried-again' ? '' : `; next try ${new Date(retryAtMs).toISOString()}`;
      process.stdout.write(`${message} (${about})${next}\n`);
    }
  }
}
