import { hostname } from 'node:os';
import type { Command } from 'commander';
import type { ControlClient, LinkingState } from '@onefold/control';
import { resolveHome, withDaemon } from '@onefold/host';
import { OnefoldError } from '@onefold/protocol';
import { askAtTerminal, isYes } from '../ask-first.ts';
import { homeOption, jsonOption } from '../options.ts';
import { printAnswer } from '../print-answer.ts';
import { readSecretFile } from '../secret-file.ts';

interface LinkOptions {
  readonly server?: string;
  readonly wordsFile?: string;
  readonly deviceName?: string;
  readonly home?: string;
  readonly json?: boolean;
}

interface AddOptions {
  readonly home?: string;
  readonly json?: boolean;
}

/** Both halves of a linking: `devices add` and `devices approve` on a device of the account, `link` on the new one. */
export function addLinkCommand(program: Command): void {
  program
    .command('link')
    .description('put this device into an account with the words that "onefold devices add" shows on another one')
    .option('--server <url>', 'address of the server; not needed with the text of a QR code')
    .option(
      '--words-file <file>',
      'file that holds the eight words, "-" for standard input (default: they are asked for)',
    )
    .option('--device-name <name>', 'what this device is called (default: the host name)')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(link);
}

export function addLinkingCommands(devices: Command): void {
  devices
    .command('add')
    .description('show words, and a QR code, by which another device joins the account')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(add);
  devices
    .command('approve <check-words...>')
    .description('let the device in that waits and shows these four words')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action((words: string[], options: AddOptions) => approve(words.join(' '), options));
}

async function link(options: LinkOptions): Promise<void> {
  const { linkOnServer } = await import('@onefold/engine/node');
  const home = resolveHome(options.home);
  const words =
    options.wordsFile === undefined ? await askAtTerminal('Words: ') : await readSecretFile(options.wordsFile);
  const ending = new AbortController();
  process.once('SIGINT', () => ending.abort(new OnefoldError('not-found', 'stopped')));
  let email = '';
  await linkOnServer({
    server: options.server ?? null,
    words,
    deviceName: options.deviceName ?? hostname(),
    home,
    onCheck(check) {
      email = check.email;
      print(options, { event: 'check', ...check }, [
        `Account of ${check.email}, linked by ${check.oldDeviceName}.`,
        `Check words: ${check.checkWords}`,
        'Approve this device there, if the same words are shown.',
      ]);
    },
    signal: ending.signal,
  });
  print(options, { event: 'linked', home }, [`This device is in the account ${email}.`]);
}

async function add(options: AddOptions): Promise<void> {
  await withDaemon(resolveHome(options.home), async (client) => {
    const told = watch(client);
    const { linking } = await client.call('startLinking', {});
    if (linking.kind !== 'offered') throw new OnefoldError('internal', 'no words were made');
    const { renderUnicodeCompact } = await import('uqr');
    print(options, { event: 'offered', ...linking }, [
      ...(process.stdout.isTTY ? [renderUnicodeCompact(linking.text)] : []),
      `Words: ${linking.words}`,
      'On the new device: onefold link. They are good for five minutes, once. Keep them to yourself.',
    ]);
    for (;;) {
      const state = await told();
      if (state.kind === 'asking') {
        print(options, { event: 'asking', ...state }, [
          `${state.deviceName} wants to join. Check words: ${state.checkWords}`,
        ]);
        if (options.json === true || !process.stdin.isTTY)
          print(options, { event: 'waiting' }, [
            `Does it show them too? Then: onefold devices approve ${state.checkWords}`,
          ]);
        else {
          const answer = await askAtTerminal('Does it show the same words? [y/N] ');
          await client.call('answerLinking', { approve: isYes(answer), checkWords: state.checkWords });
        }
      } else if (state.kind === 'added') {
        print(options, { event: 'added', deviceName: state.deviceName }, [`${state.deviceName} is in the account.`]);
        return;
      } else if (state.kind === 'failed') throw new OnefoldError('timeout', state.message);
      else if (state.kind === 'none') throw new OnefoldError('not-found', 'the device was turned down');
    }
  });
}

async function approve(checkWords: string, options: AddOptions): Promise<void> {
  await withDaemon(resolveHome(options.home), async (client) => {
    const told = watch(client);
    await client.call('answerLinking', { approve: true, checkWords });
    for (;;) {
      const state = await told();
      if (state.kind === 'failed') throw new OnefoldError('timeout', state.message);
      if (state.kind !== 'added') continue;
      print(options, { deviceName: state.deviceName }, [`${state.deviceName} is in the account.`]);
      return;
    }
  });
}

/** States as they come, each once. Rejects when the daemon goes. */
function watch(client: ControlClient): () => Promise<LinkingState> {
  const come: LinkingState[] = [];
  let wake: () => void = () => undefined;
  let isGone = false;
  client.on('linking', ({ linking }) => {
    if (linking.kind !== 'offered') come.push(linking);
    wake();
  });
  client.onClose(() => {
    isGone = true;
    wake();
  });
  return async () => {
    for (;;) {
      const next = come.shift();
      if (next !== undefined) return next;
      if (isGone) throw new OnefoldError('daemon-not-running', 'the daemon ended');
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
}

function print(options: { readonly json?: boolean }, data: object, lines: readonly string[]): void {
  printAnswer(options.json === true, data, () => lines.flatMap((line) => line.split('\n')));
}
