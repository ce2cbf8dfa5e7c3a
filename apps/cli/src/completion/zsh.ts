import type { CommandShape, OptionShape, ValueShape } from '../shape/command-table.ts';
import { optionWords, pathWords, quote } from './words.ts';

/** A completion script for zsh 5: a file `_onefold` in a folder of $fpath, or sourced after compinit. */
export function zshCompletion(table: readonly CommandShape[]): string {
  return `#compdef onefold
# Completion of onefold for zsh. Keep it as _onefold in a folder of $fpath, or after compinit: source <(onefold completion zsh)
_onefold() {
  local at='' word index
  local -a inner
  for ((index = 2; index < CURRENT; index++)); do
    word=$words[index]
    case "\${at:+$at }$word" in
      ${pathWords(table).map(quote).join('|')}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$at" in
${table.map(commandCase).join('\n')}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _onefold "$@"; else compdef _onefold onefold; fi
`;
}

function commandCase({ path, inner, options, args }: CommandShape): string {
  const lines = [`    ${quote(path.join(' '))})`];
  if (inner.length > 0) {
    const described = inner.map(({ name, description }) => quote(`${name}:${description}`));
    lines.push(`      inner=(${described.join(' ')})`, `      _describe -t commands command inner`);
  }
  const specs = [
    ...options.map(optionSpec),
    // The words of the command itself are arguments, too, to _arguments: they are let pass.
    ...args.map((arg) => quote(`*:${escape(arg.name)}:${actionOf(arg)}`)).slice(0, 1),
  ];
  lines.push(`      _arguments ${specs.join(' ')}`, '      ;;');
  return lines.join('\n');
}

function optionSpec(option: OptionShape): string {
  const words = optionWords(option);
  const description = `[${escape(option.description)}]`;
  const value = option.value === null ? '' : `:${escape(option.value.name)}:${actionOf(option.value)}`;
  if (words.length === 1) return quote(`${option.long}${description}${value}`);
  return `${quote(`(${words.join(' ')})`)}{${words.join(',')}}${quote(`${description}${value}`)}`;
}

function actionOf(value: ValueShape): string {
  switch (value.kind) {
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'choice':
      return `(${value.choices.join(' ')})`;
    case 'text':
      return ' ';
  }
}

function escape(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, String.raw`\$&`);
}
