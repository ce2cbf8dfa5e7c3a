import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { resolveHome, withDaemon } from '@onefold/host';
import { OnefoldError } from '@onefold/protocol';
import { homeOption, jsonOption } from '../options.ts';
import { printAnswer } from '../print-answer.ts';

interface DiagnosticsOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly to?: string;
}

export function addDiagnosticsCommand(program: Command): void {
  program
    .command('diagnostics')
    .description(
      'how this device stands and the end of its log, for someone who helps; without names, addresses and keys',
    )
    .option('--to <file>', 'write it there, where nothing stands yet, instead of printing it')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(diagnostics);
}

async function diagnostics({ home, json, to }: DiagnosticsOptions): Promise<void> {
  const answer = await withDaemon(resolveHome(home), (client) => client.call('diagnostics', {}));
  if (to !== undefined) await writeNew(to, answer.text);
  const told = to === undefined ? answer : { fileName: to };
  printAnswer(json === true, told, () =>
    to === undefined ? answer.text.trimEnd().split('\n') : [`Written to ${to}.`],
  );
}

async function writeNew(file: string, text: string): Promise<void> {
  await writeFile(file, text, { flag: 'wx', mode: 0o600 }).catch((cause: unknown) => {
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const why = isThere ? `${file} is there already` : `${file} cannot be written`;
    throw new OnefoldError('invalid-argument', `${why}; name another file`, { cause });
  });
}
