import type { Command } from 'commander';
import { resolveHome, withDaemon } from '@onefold/host';
import { OnefoldError } from '@onefold/protocol';
import type { CallResult } from '@onefold/control';
import { askFirst, yesOption, type AskOptions } from '../ask-first.ts';
import { resolveKept } from '../kept-place.ts';
import { homeOption, jsonOption, wholeNumber } from '../options.ts';

interface Options extends AskOptions {
  readonly home?: string;
}

interface SetOptions extends Options {
  readonly thin?: boolean;
  readonly versionDays?: number | null;
  readonly versionCount?: number | null;
  readonly trashDays?: number | null;
  readonly default?: boolean;
}

/** What the policy can hold, in days as in versions. */
const MOST = 36_500;

export function addRetentionCommands(program: Command): void {
  const retention = program.command('retention').description('what the server keeps of the past');
  const define = (name: string, description: string): Command =>
    retention.command(name).description(description).addOption(homeOption()).addOption(jsonOption());
  define('show [folder]', 'how long old versions and deleted files are kept').action(show);
  define('set [folder]', 'choose it; what is not named stays as it is')
    .option('--thin', 'all versions of a day, one an hour of a week, one a day of a month, then one a week')
    .option('--no-thin', 'every version')
    .option(
      '--version-days <days>',
      'after a version was replaced, or "forever"',
      wholeNumber(1, MOST, { forever: null }),
    )
    .option('--version-count <count>', 'versions of one file, or "all"', wholeNumber(1, MOST, { all: null }))
    .option('--trash-days <days>', 'for what was deleted, or "forever"', wholeNumber(1, MOST, { forever: null }))
    .option('--default', 'as the server has it')
    .action(set);
  define('purge-version <path> <version>', 'give up one old version for good')
    .addOption(yesOption())
    .action(purgeVersion);
  define('purge-deleted <folder> <id>', 'give up something deleted for good, as "trash list" names it')
    .addOption(yesOption())
    .action(purgeDeleted);
}

async function show(folder: string | undefined, options: Options): Promise<void> {
  const args = folder === undefined ? {} : { folder: resolveKept(folder) };
  print(await withDaemon(resolveHome(options.home), (client) => client.call('retention', args)), options);
}

async function set(folder: string | undefined, options: SetOptions): Promise<void> {
  const args = folder === undefined ? {} : { folder: resolveKept(folder) };
  const { thin, versionDays, versionCount, trashDays } = options;
  // Else the server's own rules would be chosen as they stand, and no longer follow the server.
  if ([thin, versionDays, versionCount, trashDays, options.default].every((one) => one === undefined))
    throw new OnefoldError('usage', 'name what to set, such as --trash-days');
  const answer = await withDaemon(resolveHome(options.home), async (client) => {
    const { policy } = await client.call('retention', args);
    const chosen = {
      isThinned: thin ?? policy.isThinned,
      versionDays: versionDays === undefined ? policy.versionDays : versionDays,
      versionCount: versionCount === undefined ? policy.versionCount : versionCount,
      trashDays: trashDays === undefined ? policy.trashDays : trashDays,
    };
    return client.call('setRetention', { ...args, policy: options.default === true ? null : chosen });
  });
  print(answer, options);
}

function print(answer: CallResult<'retention'>, options: Options): void {
  if (options.json === true) return void process.stdout.write(`${JSON.stringify(answer)}\n`);
  const { isThinned, versionDays, versionCount, trashDays } = answer.policy;
  const days = (limit: number | null): string => (limit === null ? 'forever' : `${limit} days`);
  const lines = [
    `Old versions:  ${isThinned ? 'all of a day, one an hour of a week, one a day of a month, then one a week' : 'every one'}`,
    `  kept for     ${days(versionDays)}`,
    `  at most      ${versionCount === null ? 'any number' : String(versionCount)} of one file`,
    `Deleted files: ${days(trashDays)}`,
    answer.isDefault ? 'As the server has it.' : 'As the owner chose.',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function purgeVersion(path: string, version: string, options: Options): Promise<void> {
  const args = { path: resolveKept(path), version };
  await askFirst(options, `Version ${version} goes for good, from the server and for every device.`);
  const answer = await withDaemon(resolveHome(options.home), (client) => client.call('purgeVersion', args));
  told(answer, options);
}

async function purgeDeleted(folder: string, id: string, options: Options): Promise<void> {
  const args = { folder: resolveKept(folder), id };
  await askFirst(options, 'It goes for good, with every version that the server has of it.');
  const answer = await withDaemon(resolveHome(options.home), (client) => client.call('purgeDeleted', args));
  told(answer, options);
}

function told(answer: { readonly versions: number }, options: Options): void {
  process.stdout.write(
    options.json === true ? `${JSON.stringify(answer)}\n` : `${answer.versions} versions are gone.\n`,
  );
}
