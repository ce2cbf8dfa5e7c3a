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
  if (!isWebAddress(text))
    throw new InvalidArgumentError('expected a host and, where one is named, a port from 1 to 65535');
  return text;
}

/** Whether it is the address of something in the web, at a port that there is. */
export function isWebAddress(text: string): boolean {
  const address = URL.parse(text);
  return address !== null && /^https?:$/u.test(address.protocol) && address.port !== '0';
}

/** Argument parser for a name that people read. */
export function someName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('expected a name');
  return text.trim();
}

/**
 * Argument parser for a whole number of a range, both ends of it allowed. `words` are taken in its place, each for what it stands for. What is
 * refused is told with the range, beside the option that commander names.
 */
export function wholeNumber<W = never>(
  from: number,
  to: number,
  words: Readonly<Record<string, W>> = {},
): (text: string) => number | W {
  const or = Object.keys(words).map((word) => `, or "${word}"`);
  return (text) => {
    if (Object.hasOwn(words, text)) return words[text] as W;
    const value = /^\d+$/u.test(text) ? Number(text) : Number.NaN;
    if (value >= from && value <= to) return value;
    throw new InvalidArgumentError(`expected a whole number from ${from} to ${to}${or.join('')}`);
  };
}
