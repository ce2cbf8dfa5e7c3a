import { inOneLine } from './in-one-line.ts';

/** One JSON value for programs, or lines for people. */
export function printAnswer(isJson: boolean, data: unknown, lines: () => readonly string[]): void {
  if (isJson) process.stdout.write(`${JSON.stringify(data)}\n`);
  else for (const line of lines()) process.stdout.write(`${inOneLine(line)}\n`);
}
