import { EXIT, EXIT_MEANINGS } from './exit-codes.ts';
import type { CommandShape, OptionShape } from './shape/command-table.ts';
import { PRODUCT_VERSION } from './version.ts';

/** The manual page onefold(1) in the man(7) macros, from the commands themselves. */
export function manualPage(table: readonly CommandShape[]): string {
  const commands = table.filter(
    ({ path, inner, args, options }) =>
      path.length > 0 && (inner.length === 0 || args.length > 0 || options.length > 1),
  );
  return `${[
    `.TH ONEFOLD 1 "" "Onefold ${PRODUCT_VERSION}" "Onefold manual"`,
    '.SH NAME',
    String.raw`onefold \- one folder, the same on every machine`,
    '.SH SYNOPSIS',
    String.raw`.B onefold`,
    String.raw`.I command`,
    '[options]',
    '.SH DESCRIPTION',
    'Keeps folders the same on every device of an account. What leaves this machine is encrypted on it; the server sees neither names nor contents.',
    'A daemon does the work; the other commands ask it. With',
    String.raw`.BR \-\-json ,`,
    'a command prints one JSON value for programs.',
    '.SH COMMANDS',
    ...commands.flatMap(commandLines),
    '.SH EXIT STATUS',
    ...(Object.keys(EXIT) as (keyof typeof EXIT)[]).flatMap((name) => [
      '.TP',
      `.B ${EXIT[name]}`,
      plain(EXIT_MEANINGS[name]),
    ]),
    '.PP',
    'The codes of errors and what is done about each are listed by',
    String.raw`.BR "onefold help exit\-codes" .`,
    '.SH ENVIRONMENT',
    '.TP',
    '.B ONEFOLD_HOME',
    String.raw`The state folder, where \-\-home is not given.`,
    '.TP',
    '.B HTTPS_PROXY, HTTP_PROXY, NO_PROXY',
    'Taken when the settings name no proxy.',
    '.SH FILES',
    '.TP',
    '.I ~/.local/state/onefold',
    'Keys, queue and logs of this device, readable by its user alone.',
    '.TP',
    '.I .onefoldignore',
    'In a synced folder: patterns of what is left out, written as in .gitignore.',
  ].join('\n')}\n`;
}

function commandLines({ path, usage, description, options }: CommandShape): string[] {
  return [
    '.SS',
    plain(`onefold ${path.join(' ')} ${usage}`.trim()),
    plain(`${description.charAt(0).toUpperCase()}${description.slice(1)}.`),
    ...options.filter(({ long }) => long !== '--help').flatMap(optionLines),
  ];
}

function optionLines({ long, short, value, description }: OptionShape): string[] {
  const name = [...(short === null ? [] : [short]), long].join(', ');
  return [
    '.TP',
    `${String.raw`\fB`}${plain(name)}${String.raw`\fR`}${value === null ? '' : ` ${String.raw`\fI`}${plain(value.name)}${String.raw`\fR`}`}`,
    plain(description),
  ];
}

/** Text that no macro or escape is seen in: backslash, hyphens as typed, and a dot or quote that would begin a line as a request. */
function plain(text: string): string {
  return text
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replace(/^([.'])/, String.raw`\&$1`);
}
