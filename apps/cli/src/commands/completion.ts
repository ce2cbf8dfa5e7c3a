import { Argument, type Command } from 'commander';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { manualPage } from '../man-page.ts';
import { tableOf, type CommandShape } from '../shape/command-table.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const SCRIPTS: Readonly<Record<Shell, (table: readonly CommandShape[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export function addCompletionCommands(program: Command): void {
  program
    .command('completion')
    .description('print what lets a shell complete onefold commands')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action((shell: Shell) => {
      process.stdout.write(SCRIPTS[shell](tableOf(program)));
    });
  program
    .command('man')
    .description('print the manual page; read it with: onefold man | man -l -')
    .action(() => {
      process.stdout.write(manualPage(tableOf(program)));
    });
}
