import { CommanderError, type Command } from 'commander';
import { OnefoldError, toOnefoldError } from '@onefold/protocol';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { inOneLine } from './in-one-line.ts';

let exitCode: number = EXIT.ok;

/** What the process ends with when the command itself did not fail. */
export function setExitCode(code: number): void {
  exitCode = code;
}

/** Runs one command line and answers its exit code. Errors go to stderr as one line: message and code, as JSON with `--json`. */
export async function runProgram(program: Command, argv: readonly string[]): Promise<number> {
  const isJson = asksForJson(argv);
  if (isJson) silence(program);
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return endOfParsing(thrown, isJson);
    const error = toOnefoldError(thrown);
    if (isJson) printError(error);
    else process.stderr.write(`onefold: ${inOneLine(error.message)} (${error.code})\n`);
    return exitCodeOf(error.code);
  }
}

/** What stands behind `--` is no option. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json');
}

/** Commander tells what it does not understand itself, in words for people. */
function silence(command: Command): void {
  command.configureOutput({ writeErr: () => undefined });
  for (const inner of command.commands) silence(inner);
}

function endOfParsing(thrown: CommanderError, isJson: boolean): number {
  // Help and version are asked for.
  if (thrown.exitCode === 0) return EXIT.ok;
  const code = thrown.code === 'commander.invalidArgument' ? 'invalid-argument' : 'usage';
  if (isJson) printError(new OnefoldError(code, thrown.message.replace(/^error: /u, '')));
  return EXIT.usage;
}

function printError(error: OnefoldError): void {
  process.stderr.write(`${JSON.stringify({ error: error.toReport() })}\n`);
}
