import { createInterface } from 'node:readline/promises';
import { Option } from 'commander';
import { OnefoldError } from '@onefold/protocol';

export interface AskOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Where a question is asked, and whether somebody is there to answer it. */
export interface Asked {
  readonly isTerminal: boolean;
  readonly ask: (question: string) => Promise<string>;
}

/** `--yes`, the same for every command that cannot be taken back. */
export function yesOption(): Option {
  return new Option('--yes', 'do it without asking');
}

/** An answer typed at the terminal. The question goes to stderr: stdout is the command's own. */
export async function askAtTerminal(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

/** What people type for a yes; anything else is none. */
export function isYes(answer: string): boolean {
  return /^y(es)?$/iu.test(answer.trim());
}

/**
 * Has a person say yes to what cannot be taken back, unless `--yes` said so. Throws `usage` when the answer is another, and where nobody can be asked:
 * without a terminal, and where JSON is wanted.
 */
export async function askFirst(
  options: AskOptions,
  what: string,
  { isTerminal, ask }: Asked = { isTerminal: process.stdin.isTTY, ask: askAtTerminal },
): Promise<void> {
  if (options.yes === true) return;
  if (!isTerminal || options.json === true)
    throw new OnefoldError('usage', `${what} To do it without being asked: --yes`);
  const answer = await ask(`${what} Go on? [y/N] `);
  if (!isYes(answer)) throw new OnefoldError('usage', 'nothing was done');
}
