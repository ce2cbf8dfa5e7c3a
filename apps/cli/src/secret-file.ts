import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { OnefoldError } from '@onefold/protocol';

/** What a file holds that keeps a secret off the command line, without one line break at its end; `-` is standard input. Throws `invalid-argument`. */
export async function readSecretFile(file: string): Promise<string> {
  const whole = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch((cause: unknown) => {
    throw new OnefoldError('invalid-argument', `cannot read the file ${file}`, { cause });
  });
  const secret = whole.replace(/\r?\n$/, '');
  if (secret === '') throw new OnefoldError('invalid-argument', `the file ${file} is empty`);
  return secret;
}
