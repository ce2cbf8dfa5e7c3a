import { InvalidArgumentError, Option } from 'commander';

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

/** Argument parser for a positive whole number. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0) throw new InvalidArgumentError('expected a positive whole number');
  return value;
}
