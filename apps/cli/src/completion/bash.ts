import type { CommandShape, ValueShape } from '../shape/command-table.ts';
import { optionWords, pathWords, quote } from './words.ts';

/** A completion script for bash 4.4 and later (also of use on 3.2, without the marks for folders). */
export function bashCompletion(table: readonly CommandShape[]): string {
  return `# Completion of onefold for bash. Load it with: source <(onefold completion bash)
_onefold() {
  local cur=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} at='' word index words='' kind=''
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case "\${at:+$at }$word" in
      ${pathWords(table).map(quote).join(' | ')}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$at $before" in
${table.flatMap(valueCases).join('\n')}
    *)
      case "$at" in
${table.map(wordCase).join('\n')}
      esac
      ;;
  esac
  COMPREPLY=()
  case "$kind" in
    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    folder) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
  esac
  if [[ $cur == -* || $words != -* ]]; then
    mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$words" -- "$cur")
  fi
}
complete -F _onefold onefold
`;
}

function valueCases({ path, options }: CommandShape): string[] {
  return options.flatMap((option) =>
    option.value === null
      ? []
      : optionWords(option).map((word) => `    ${quote(`${path.join(' ')} ${word}`)}) ${valueOf(option.value)} ;;`),
  );
}

function valueOf(value: ValueShape | null): string {
  if (value === null || value.kind === 'text') return ':';
  return value.kind === 'choice' ? `words=${quote(value.choices.join(' '))}` : `kind=${value.kind}`;
}

function wordCase({ path, inner, options, args }: CommandShape): string {
  const names = [...inner.map(({ name }) => name), ...args.flatMap(({ choices }) => choices)];
  const kind = args.find((arg) => arg.kind === 'file' || arg.kind === 'folder')?.kind;
  const words = [...names, ...options.flatMap(optionWords)].join(' ');
  return `        ${quote(path.join(' '))}) words=${quote(words)}${kind === undefined ? '' : `; kind=${kind}`} ;;`;
}
