import type { OptionShape } from '../shape/command-table.ts';

/** Single-quoted for a POSIX shell and zsh. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The ways to write an option: long first. */
export function optionWords(option: OptionShape): string[] {
  return option.short === null ? [option.long] : [option.long, option.short];
}
