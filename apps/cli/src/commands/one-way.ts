import type { Command } from 'commander';
import { resolveHome, withDaemon } from '@onefold/host';
import type { Difference, Direction } from '@onefold/control';
import { resolveKept } from '../kept-place.ts';
import { homeOption, jsonOption } from '../options.ts';
import { printAnswer } from '../print-answer.ts';
import { formatBytes } from '../print-status.ts';

interface Options {
  readonly home?: string;
  readonly json?: boolean;
}

export function addOneWayCommands(program: Command): void {
  const oneWay = program.command('one-way').description('folders that only send or only receive');
  const define = (name: string, description: string): Command =>
    oneWay.command(name).description(description).addOption(homeOption()).addOption(jsonOption());
  define('status [folder]', 'which way a folder is synced, and what differs because of it').action(status);
  const set = (name: string, description: string, mode: Direction): void => {
    define(`${name} <folder>`, description).action((folder: string, options: Options) =>
      setMode(folder, mode, options),
    );
  };
  set('send-only', 'never apply here what changes elsewhere', 'send-only');
  set('receive-only', 'never send what changes here', 'receive-only');
  set('off', 'both ways again', 'two-way');
  define('settle <folder>', 'send-only: make the server like here; receive-only: revert what changed here').action(
    settle,
  );
}

async function status(folder: string | undefined, options: Options): Promise<void> {
  const args = folder === undefined ? {} : { folder: resolveKept(folder) };
  const answer = await withDaemon(resolveHome(options.home), async (client) => {
    const differences: Difference[] = [];
    for (let after: string | undefined; ;) {
      const page = await client.call('oneWay', { ...args, ...(after === undefined ? {} : { after }) });
      differences.push(...page.differences);
      if (page.next === undefined) return { mode: page.mode, total: page.total, differences };
      after = page.next;
    }
  });
  printAnswer(options.json === true, answer, () => [
    `${answer.mode}, ${answer.total} differences`,
    ...answer.differences.map(({ difference, sizeBytes, path, kind }) => {
      const name = kind === 'folder' ? `${path}/` : path;
      return `${difference.padEnd(10)} ${formatBytes(sizeBytes).padStart(9)}  ${name}`;
    }),
  ]);
}

async function setMode(folder: string, mode: Direction, options: Options): Promise<void> {
  await withDaemon(resolveHome(options.home), (client) =>
    client.call('setOneWay', { folder: resolveKept(folder), mode }),
  );
  printAnswer(options.json === true, {}, () => [`${resolveKept(folder)} is ${mode} now.`]);
}

async function settle(folder: string, options: Options): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), (client) =>
    client.call('settleOneWay', { folder: resolveKept(folder) }),
  );
  printAnswer(options.json === true, answer, () => [`${answer.count} differences are being settled.`]);
}
