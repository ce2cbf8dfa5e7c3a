import type { Command } from 'commander';
import type { CallName, CallArgs, Status } from '@onefold/control';
import { connectToDaemon, resolveHome, withDaemon } from '@onefold/host';
import { OnefoldError } from '@onefold/protocol';
import { EXIT } from '../exit-codes.ts';
import { resolveKept } from '../kept-place.ts';
import { homeOption, jsonOption, wholeNumber } from '../options.ts';
import { liveLines, progressLine } from '../live-lines.ts';
import { describeStatus } from '../print-status.ts';
import { setExitCode } from '../run-program.ts';

interface SyncOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly folder?: string;
}

/** Whole millions below what a timer can count, which is 2^31 ms. */
const MOST_SECONDS = 2_000_000;

export function addSyncCommands(program: Command): void {
  const define = (name: string, description: string): Command =>
    program.command(name).description(description).addOption(homeOption()).addOption(jsonOption());

  define('status', 'what is safe and what is not').option('--watch', 'print again at every change').action(status);
  define('sync', 'look for changes now')
    .option('--wait', 'until a complete scan and a look at the server left nothing to do')
    .option('--timeout <seconds>', 'give up waiting after so many seconds', wholeNumber(1, MOST_SECONDS))
    .action(sync);
  define('pause', 'stop transferring')
    .option('--folder <folder>', 'only this folder')
    .action((options: SyncOptions) => callQuietly(options, 'pause', folderArgs(options), 'Paused.'));
  define('resume', 'go on')
    .option('--folder <folder>', 'only this folder')
    .action((options: SyncOptions) => callQuietly(options, 'resume', folderArgs(options), 'Resumed.'));
  define('confirm <id>', 'let a held mass change go on, or go on with a server that was put back from a backup').action(
    (id: string, options: SyncOptions) => callQuietly(options, 'confirm', { id }, 'Confirmed.'),
  );
  define('reject <id>', 'undo a held mass change').action((id: string, options: SyncOptions) =>
    callQuietly(options, 'reject', { id }, 'Rejected; what it would have changed comes back.'),
  );
}

function folderArgs(options: SyncOptions): { folder?: string } {
  return options.folder === undefined ? {} : { folder: resolveKept(options.folder) };
}

async function callQuietly<N extends CallName>(
  options: SyncOptions,
  name: N,
  args: CallArgs<N>,
  sentence: string,
): Promise<void> {
  await withDaemon(resolveHome(options.home), (client) => client.call(name, args));
  process.stdout.write(options.json === true ? '{"ok":true}\n' : `${sentence}\n`);
}

function print(status: Status, isJson: boolean): void {
  process.stdout.write(isJson ? `${JSON.stringify(status)}\n` : describeStatus(status));
}

async function status(options: SyncOptions): Promise<void> {
  const client = await connectToDaemon(resolveHome(options.home));
  const isJson = options.json === true;
  try {
    const first = await client.call('status', {});
    if (options.watch !== true) {
      print(first, isJson);
      return;
    }
    const live = isJson ? null : liveLines(process.stdout);
    const show = (next: Status): void => {
      if (live === null) print(next, isJson);
      else live.show(describeStatus(next).trimEnd().split('\n'));
    };
    show(first);
    client.on('status', show);
    await new Promise<void>((done, fail) => {
      // What is shown would be taken for how things stand.
      client.onClose(() => fail(new OnefoldError('daemon-not-running', 'the daemon ended')));
      process.once('SIGINT', done);
      process.once('SIGTERM', done);
    });
  } finally {
    client.close();
  }
}

const OUTCOME_EXIT = {
  idle: EXIT.ok,
  attention: EXIT.attention,
  offline: EXIT.offline,
  paused: EXIT.paused,
  'timed-out': EXIT.timedOut,
} as const;

async function sync(options: SyncOptions): Promise<void> {
  if (options.wait !== true)
    throw new OnefoldError('usage', 'syncing is continuous; use "sync --wait" to wait until it is done');
  const timeoutMs = options.timeout === undefined ? {} : { timeoutMs: options.timeout * 1000 };
  const live = liveLines(process.stderr);
  const { outcome, status: last } = await withDaemon(resolveHome(options.home), async (client) => {
    client.on('status', (next) => live?.show([progressLine(next)]));
    try {
      return await client.call('syncWait', timeoutMs);
    } finally {
      live?.clear();
    }
  });
  process.stdout.write(options.json === true ? `${JSON.stringify({ outcome, status: last })}\n` : describeStatus(last));
  setExitCode(OUTCOME_EXIT[outcome]);
}
