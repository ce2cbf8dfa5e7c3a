import { CommanderError, type Command } from 'commander';
import { toOnefoldError } from '@onefold/protocol';
import { EXIT, exitCodeOf } from './exit-codes.ts';

let exitCode: number = EXIT.ok;

/** What the process ends with when the command itself did not fail. */
export function setExitCode(code: number): void {
  exitCode = code;
}

/** Runs one command line and answers its exit code. Errors go to stderr as one line: message and code, as JSON with `--json`. */
export async function runProgram(program: Command, argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const error = toOnefoldError(thrown);
    process.stderr.write(
      argv.includes('--json')
        ? `${JSON.stringify({ error: error.toReport() })}\n`
        : `onefold: ${error.message} (${error.code})\n`,
    );
    return exitCodeOf(error.code);
  }
}
