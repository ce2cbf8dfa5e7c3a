import type { CommandShape, OptionShape, ValueShape } from '../shape/command-table.ts';
import { pathWords } from './words.ts';

/** A completion script for fish 3: kept as ~/.config/fish/completions/onefold.fish, or piped into source. */
export function fishCompletion(table: readonly CommandShape[]): string {
  const paths = pathWords(table).map(quote);
  return `# Completion of onefold for fish. Load it with: onefold completion fish | source
function __onefold_at
    set -l at ''
    for word in (commandline -opc)[2..-1]
        set -l next (string trim -- "$at $word")
        contains -- "$next" ${paths.join(' ')}
        and set at $next
    end
    test "$at" = "$argv[1]"
end
complete -c onefold -f
${table.flatMap(completionsOf).join('\n')}
`;
}

function completionsOf({ path, inner, options, args }: CommandShape): string[] {
  const start = `complete -c onefold -n ${quote(`__onefold_at ${quote(path.join(' '))}`)}`;
  return [
    ...inner.map(({ name, description }) => `${start} -a ${quote(name)} -d ${quote(description)}`),
    ...options.map((option) => `${start} ${optionOf(option)}`),
    ...args.flatMap((arg) => (arg.kind === 'text' ? [] : [`${start} ${valueOf(arg)}`])),
  ];
}

function optionOf(option: OptionShape): string {
  const short = option.short === null ? '' : ` -s ${option.short.slice(1)}`;
  const value = option.value === null ? '' : ` -r ${valueOf(option.value)}`;
  return `-l ${option.long.slice(2)}${short} -d ${quote(option.description)}${value}`;
}

function valueOf(value: ValueShape): string {
  switch (value.kind) {
    case 'file':
      return '-F';
    case 'folder':
      return "-a '(__fish_complete_directories)'";
    case 'choice':
      return `-a ${quote(value.choices.join(' '))}`;
    case 'text':
      return '';
  }
}

/** Single-quoted for fish, where a quote within is escaped by a backslash. */
function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
