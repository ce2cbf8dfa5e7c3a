import type { Argument, Command, Option } from 'commander';

/** What a word on the command line stands for, as far as a shell can help with it. */
export type WordKind = 'file' | 'folder' | 'choice' | 'text';

export interface OptionShape {
  readonly long: string;
  readonly short: string | null;
  readonly description: string;
  /** Null for a switch. */
  readonly value: ValueShape | null;
}

export interface ValueShape {
  /** As in the usage line, without brackets. */
  readonly name: string;
  readonly kind: WordKind;
  readonly choices: readonly string[];
}

export interface CommandShape {
  /** Words after the program's name; empty for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly usage: string;
  readonly options: readonly OptionShape[];
  readonly args: readonly ValueShape[];
  /** Names and descriptions of the commands right below, hidden ones left out. */
  readonly inner: readonly { readonly name: string; readonly description: string }[];
}

/** Every command a person may type, outer ones first, read off the program itself: completion and manual cannot fall behind it. */
export function tableOf(program: Command): CommandShape[] {
  return walk(program, []).map((shape, _index, [outermost]) =>
    shape.path.join(' ') === 'help' && outermost !== undefined ? { ...shape, args: [topicOf(outermost)] } : shape,
  );
}

/** Of what there is help: every command, and the one text that is none. */
function topicOf({ inner }: CommandShape): ValueShape {
  return valueOf('command', [...inner.map(({ name }) => name), 'exit-codes']);
}

function walk(command: Command, path: readonly string[]): CommandShape[] {
  const help = command.createHelp();
  // commander adds a `help` below every command that has inner ones; the one of the program says it all.
  const inner = help.visibleCommands(command).filter((one) => path.length === 0 || one.name() !== 'help');
  const shape: CommandShape = {
    path,
    description: command.description(),
    usage: command.usage(),
    options: help.visibleOptions(command).map(shapeOfOption),
    args: command.registeredArguments.map(shapeOfArgument),
    inner: inner.map((one) => ({ name: one.name(), description: help.subcommandDescription(one) })),
  };
  return [shape, ...inner.flatMap((one) => walk(one, [...path, one.name()]))];
}

function shapeOfOption(option: Option): OptionShape {
  const value = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1];
  return {
    long: option.long ?? '',
    short: option.short ?? null,
    description: option.description,
    value: value === undefined ? null : valueOf(value, option.argChoices ?? []),
  };
}

function shapeOfArgument(argument: Argument): ValueShape {
  return valueOf(argument.name(), argument.argChoices ?? []);
}

/** The placeholder's name says what it is: `<folder>`, `<file>`, `<path>`. */
function valueOf(name: string, choices: readonly string[]): ValueShape {
  if (choices.length > 0) return { name, kind: 'choice', choices };
  if (name === 'folder') return { name, kind: 'folder', choices };
  return { name, kind: name === 'file' || name === 'path' || name === 'paths' ? 'file' : 'text', choices };
}
