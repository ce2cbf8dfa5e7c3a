import type { Command } from 'commander';
import { resolveHome, withDaemon } from '@onefold/host';
import { resolveKept } from '../kept-place.ts';
import { homeOption, jsonOption } from '../options.ts';
import { printAnswer } from '../print-answer.ts';

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
    client.call('explain', { path: resolveKept(path) }),
  );
  printAnswer(options.json === true, answer, () =>
    answer.reasons.map(({ code, message, cause, retryAtMs }) => {
      const about = [code, ...(cause === undefined ? [] : [cause])].join(', ');
      const next =
        retryAtMs === undefined || code !== 'tried-again' ? '' : `; next try ${new Date(retryAtMs).toISOString()}`;
      return `${message} (${about})${next}`;
    }),
  );
}
