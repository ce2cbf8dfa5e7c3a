import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Argument } from 'commander';
import type { Command } from 'commander';
import type { CallResult, Conflict, ConflictSide, ControlClient } from '@onefold/control';
import { resolveHome, withDaemon } from '@onefold/host';
import { OnefoldError } from '@onefold/protocol';
import { resolveKept } from '../kept-place.ts';
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
    .command('merge <path> <file>')
    .description('decide: what is in the file takes the name, and both sides go into the trash')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(merge);
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

async function merge(text: string, file: string, options: Options): Promise<void> {
  const merged = await readFile(resolve(file), 'utf8').catch((cause: unknown) => {
    throw new OnefoldError('not-found', `${file} cannot be read`, { cause });
  });
  const answer = await withDaemon(resolveHome(options.home), async (client) => {
    const { folder, path, copy, other } = await findConflict(client, text);
    if (other === null) throw new OnefoldError('not-found', 'nothing stands under the name any more');
    const was = { originalMtimeMs: other.mtimeMs, copyMtimeMs: copy.mtimeMs };
    return client.call('mergeConflict', { folder, path, text: merged, was });
  });
  tellDone(answer, options);
}

/** Throws `not-found`. */
async function findConflict(client: ControlClient, text: string): Promise<Conflict> {
  const place = resolveKept(text);
  const { conflicts } = await client.call('conflicts', {});
  const found = conflicts.find(({ folder, path }) => resolve(folder, path) === place);
  if (found === undefined) throw new OnefoldError('not-found', 'there is no conflict copy of this path');
  return found;
}

function tellDone(answer: CallResult<'resolveConflict'>, options: Options): void {
  printAnswer(options.json === true, answer, () => [`Done. "onefold conflicts undo ${answer.undo}" takes it back.`]);
}

async function keep(text: string, side: (typeof SIDES)[number], options: Options): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), async (client) => {
    const { folder, path } = await findConflict(client, text);
    return client.call('resolveConflict', { folder, path, keep: side });
  });
  tellDone(answer, options);
}

async function undo(id: string, options: Options): Promise<void> {
  await withDaemon(resolveHome(options.home), (client) => client.call('undo', { undo: id }));
  printAnswer(options.json === true, {}, () => ['Taken back.']);
}
