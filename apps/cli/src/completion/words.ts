import type { CommandShape, OptionShape } from '../shape/command-table.ts';

/** Single-quoted for a POSIX shell and zsh. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The ways to write an option: long first. */
export function optionWords(option: OptionShape): string[] {
  return option.short === null ? [option.long] : [option.long, option.short];
}

/** Every command's path as one word: what a script compares the typed words with, to know where it is. */
export function pathWords(table: readonly CommandShape[]): string[] {
  return table.filter(({ path }) => path.length > 0).map(({ path }) => path.join(' '));
}
