import { InvalidArgumentError, type Command } from 'commander';
import type { CallResult } from '@onefold/control';
import { resolveHome, withDaemon } from '@onefold/host';
import { findKeptPlace } from '../kept-place.ts';
import { homeOption, jsonOption } from '../options.ts';
import { printAnswer } from '../print-answer.ts';
import { formatBytes } from '../print-status.ts';

interface PastOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly at: number;
}

export function addPastCommands(program: Command): void {
  const past = program.command('past').description('a folder as it was at a moment');
  const define = (name: string, description: string): Command =>
    past
      .command(name)
      .description(description)
      .requiredOption('--at <moment>', 'such as 2026-11-20T09:30, or "2h", "3d", "1w" ago', moment)
      .addOption(homeOption())
      .addOption(jsonOption());
  define('show <folder>', 'what going back to the moment would change; changes nothing').action(show);
  define('restore <folder>', 'go back to it, on all devices; prints how to take that back').action(restore);
}

const AGO_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Argument parser for a moment: a date and time of this machine's zone or with one of its own, or how long ago. @returns ms since 1970 */
export function moment(text: string): number {
  const ago = /^(\d+)([mhdw])$/u.exec(text);
  if (ago !== null) return Date.now() - Number(ago[1]) * AGO_MS[ago[2]!]!;
  const atMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d/u.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isSafeInteger(atMs) || atMs < 0)
    throw new InvalidArgumentError('expected a moment such as 2026-11-20T09:30, or 3d');
  return atMs;
}

async function show(folder: string, options: PastOptions): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), async (client) =>
    client.call('lookBack', { ...(await findKeptPlace(client, folder)), atMs: options.at }),
  );
  printAnswer(options.json === true, answer, () => lookLines(answer));
}

export function lookLines({ asOfMs, changes, counts, sizeBytes }: CallResult<'lookBack'>): readonly string[] {
  const { addedBack, changedBack, removed } = counts;
  const untold = addedBack + changedBack + removed - changes.length;
  const asOf = asOfMs === null ? 'Nothing had been taken up to then.' : `As of ${new Date(asOfMs).toISOString()}.`;
  return [
    ...changes.map(
      ({ change, path, sizeBytes: size }) => `${change.padEnd(12)} ${formatBytes(size).padStart(9)}  ${path}`,
    ),
    ...(untold > 0 ? [`and ${untold} more`] : []),
    asOf,
    `${addedBack} come back, ${changedBack} get their content of then (${formatBytes(sizeBytes)}), ${removed} go into the trash.`,
  ];
}

async function restore(folder: string, options: PastOptions): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), async (client) =>
    client.call('goBack', { ...(await findKeptPlace(client, folder)), atMs: options.at }),
  );
  printAnswer(options.json === true, answer, () => [
    ...answer.skipped.map(({ path, code }) => `left as it is (${code}): ${path}`),
    `${answer.done} changed. To take it back: onefold past restore ${JSON.stringify(folder)} --at ${new Date(answer.beforeMs).toISOString()}`,
  ]);
}
