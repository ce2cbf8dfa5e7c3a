import { InvalidArgumentError, Option } from 'commander';
import { emailSchema } from '@onefold/protocol';

/** `--home`, the same for every command. */
export function homeOption(): Option {
  return new Option(
    '--home <folder>',
    "this device's state folder (default: ONEFOLD_HOME, else the system's own place)",
  );
}

export function jsonOption(): Option {
  return new Option('--json', 'print JSON');
}

/** Argument parser for an e-mail address. */
export function emailAddress(text: string): string {
  if (!emailSchema.safeParse(text).success) throw new InvalidArgumentError('expected an e-mail address');
  return text;
}

/** Argument parser for the address of a server. */
export function serverAddress(text: string): string {
  if (!/^https?:\/\/[^\s/]+\/?$/u.test(text)) throw new InvalidArgumentError('expected http:// or https:// and a host');
  return text;
}

/** Argument parser for a name that people read. */
export function someName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('expected a name');
  return text.trim();
}

/** Argument parser for a positive whole number. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0) throw new InvalidArgumentError('expected a positive whole number');
  return value;
}
