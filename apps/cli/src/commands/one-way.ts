import { resolve } from 'node:path';
import type { Command } from 'commander';
import { resolveHome, withDaemon } from '@onefold/host';
import type { Difference, Direction } from '@onefold/control';
import { homeOption, jsonOption } from '../options.ts';
import { formatBytes } from '../print-status.ts';

interface Options {
  readonly home?: string;
  readonly json?: boolean;
}

export function addOneWayCommands(program: Command): void {
  const oneWay = program.command('one-way').description('folders that only send or only receive');
  const define = (name: string, description: string): Command =>
    oneWay.command(name).description(description).addOption(homeOption()).addOption(jsonOption());
  define('status [folder]', 'how a folder is kept, and what differs because of it').action(status);
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
  const args = folder === undefined ? {} : { folder: resolve(folder) };
  const answer = await withDaemon(resolveHome(options.home), async (client) => {
    const differences: Difference[] = [];
    for (let after: string | undefined; ;) {
      const page = await client.call('oneWay', { ...args, ...(after === undefined ? {} : { after }) });
      differences.push(...page.differences);
      if (page.next === undefined) return { mode: page.mode, total: page.total, differences };
      after = page.next;
    }
  });
  if (options.json === true) return void process.stdout.write(`${JSON.stringify(answer)}\n`);
  process.stdout.write(`${answer.mode}, ${answer.total} differences\n`);
  for (const { difference, sizeBytes, path, kind } of answer.differences) {
    const name = kind === 'folder' ? `${path}/` : path;
    process.stdout.write(`${difference.padEnd(10)} ${formatBytes(sizeBytes).padStart(9)}  ${name}\n`);
  }
}

async function setMode(folder: string, mode: Direction, options: Options): Promise<void> {
  await withDaemon(resolveHome(options.home), (client) => client.call('setOneWay', { folder: resolve(folder), mode }));
  process.stdout.write(options.json === true ? '{}\n' : `${resolve(folder)} is ${mode} now.\n`);
}

async function settle(folder: string, options: Options): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), (client) =>
    client.call('settleOneWay', { folder: resolve(folder) }),
  );
  process.stdout.write(
    options.json === true ? `${JSON.stringify(answer)}\n` : `${answer.count} differences are being settled.\n`,
  );
}
