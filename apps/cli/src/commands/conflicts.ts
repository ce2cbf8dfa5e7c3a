import { resolve } from 'node:path';
import { Argument } from 'commander';
import type { Command } from 'commander';
import type { CallResult, Conflict, ConflictSide } from '@onefold/control';
import { resolveHome, withDaemon } from '@onefold/host';
import { OnefoldError } from '@onefold/protocol';
import { homeOption, jsonOption } from '../options.ts';
import { printAnswer } from '../print-answer.ts';
import { formatBytes } from '../print-status.ts';

interface Options {
  readonly home?: string;
  readonly json?: boolean;
}

const SIDES = ['original', 'copy', 'both'] as const;

export function addConflictCommands(program: Command): void {
  const conflicts = program
    .command('conflicts')
    .description('files that changed on two devices; both are kept')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(list);
  conflicts
    .command('keep')
    .argument('<path>', 'of the copy, as listed')
    .addArgument(new Argument('<side>', 'what is to stay').choices(SIDES))
    .description('decide: the other side goes into the trash, or with "both" the copy gets a plain name')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(keep);
  conflicts
    .command('undo <id>')
    .description('take a decision back, as long as the daemon runs that made it')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(undo);
}

async function list(options: Options): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), (client) => client.call('conflicts', {}));
  printAnswer(options.json === true, answer, () => linesOf(answer));
}

export function linesOf({ conflicts }: CallResult<'conflicts'>): readonly string[] {
  return conflicts.length === 0 ? ['No conflicts.'] : conflicts.flatMap(describe);
}

function describe({ folder, original, path, copy, other }: Conflict): readonly string[] {
  return [
    `${folder}/${original}`,
    `  original  ${other === null ? 'nothing stands under the name any more' : describeSide(other)}`,
    `  copy      ${describeSide(copy)}`,
    `            ${folder}/${path}`,
  ];
}

function describeSide({ sizeBytes, mtimeMs, device }: ConflictSide): string {
  const by = device === null ? '' : `  ${device.name}`;
  return `${new Date(mtimeMs).toISOString()}  ${formatBytes(sizeBytes).padStart(9)}${by}`;
}

async function keep(text: string, side: (typeof SIDES)[number], options: Options): Promise<void> {
  const place = resolve(text);
  const answer = await withDaemon(resolveHome(options.home), async (client) => {
    const { conflicts } = await client.call('conflicts', {});
    const found = conflicts.find(({ folder, path }) => resolve(folder, path) === place);
    if (found === undefined) throw new OnefoldError('not-found', 'there is no conflict copy of this path');
    return client.call('resolveConflict', { folder: found.folder, path: found.path, keep: side });
  });
  printAnswer(options.json === true, answer, () => [`Done. "onefold conflicts undo ${answer.undo}" takes it back.`]);
}

async function undo(id: string, options: Options): Promise<void> {
  await withDaemon(resolveHome(options.home), (client) => client.call('undo', { undo: id }));
  printAnswer(options.json === true, {}, () => ['Taken back.']);
}
