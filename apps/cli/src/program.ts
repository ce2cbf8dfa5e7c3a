import { Command } from 'commander';
import { addAccountCommands } from './commands/account.ts';
import { addCompletionCommands } from './commands/completion.ts';
import { addConflictCommands } from './commands/conflicts.ts';
import { addDaemonCommands } from './commands/daemon.ts';
import { addDeviceCommands } from './commands/devices.ts';
import { addDiagnosticsCommand } from './commands/diagnostics.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addFileCommands } from './commands/files.ts';
import { addFolderCommands } from './commands/folders.ts';
import { addIgnoreCommands } from './commands/ignore.ts';
import { addOneWayCommands } from './commands/one-way.ts';
import { addPastCommands } from './commands/past.ts';
import { addProfileCommands } from './commands/profile.ts';
import { addRetentionCommands } from './commands/retention.ts';
import { addSearchCommand } from './commands/search.ts';
import { addSelectiveCommands } from './commands/selective.ts';
import { addLinkCommand } from './commands/account-link.ts';
import { addServerCommands } from './commands/server.ts';
import { addSettingsCommands } from './commands/settings.ts';
import { addStorageCommand } from './commands/storage.ts';
import { addSyncCommands } from './commands/sync.ts';
import { addTrashCommands } from './commands/trash.ts';
import { addVersionCommands } from './commands/versions.ts';
import { addWhyCommand } from './commands/why.ts';
import { describeExitCodes } from './exit-codes.ts';
import { PRODUCT_VERSION } from './version.ts';

/** The whole command line. Throws CommanderError instead of ending the process. */
export function buildProgram(): Command {
  const program = new Command('onefold');
  program
    .description('One folder, the same on every machine.')
    .version(PRODUCT_VERSION)
    .exitOverride()
    // Without it the program's own --version would swallow that of "restore".
    .enablePositionalOptions()
    .showHelpAfterError('(see: onefold help)')
    .helpCommand('help [command]', 'about a command, or "help exit-codes"');
  addAccountCommands(program);
  addLinkCommand(program);
  addFolderCommands(program);
  addDaemonCommands(program);
  addSyncCommands(program);
  addFileCommands(program);
  addSearchCommand(program);
  addVersionCommands(program);
  addPastCommands(program);
  addConflictCommands(program);
  addWhyCommand(program);
  addProfileCommands(program);
  addDeviceCommands(program);
  addSelectiveCommands(program);
  addIgnoreCommands(program);
  addOneWayCommands(program);
  addServerCommands(program);
  addSettingsCommands(program);
  addStorageCommand(program);
  addTrashCommands(program);
  addRetentionCommands(program);
  addDoctorCommand(program);
  addDiagnosticsCommand(program);
  addCompletionCommands(program);
  program
    .command('exit-codes', { hidden: true })
    .configureHelp({ formatHelp: () => describeExitCodes() })
    .action(() => {
      process.stdout.write(describeExitCodes());
    });
  for (const command of program.commands) settle(command);
  return program;
}

function settle(command: Command): void {
  command.exitOverride();
  for (const inner of command.commands) settle(inner);
}
