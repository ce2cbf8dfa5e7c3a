import { relative, sep } from 'node:path';
import type { Command } from 'commander';
import { resolveHome, withDaemon } from '@onefold/host';
import type { ControlClient, SelectedFolder } from '@onefold/control';
import { OnefoldError } from '@onefold/control';
import { resolveKept } from '../kept-place.ts';
import { homeOption, jsonOption } from '../options.ts';
import { printAnswer } from '../print-answer.ts';
import { formatBytes } from '../print-status.ts';

interface Options {
  readonly home?: string;
  readonly json?: boolean;
}

const MARKS: Readonly<Record<SelectedFolder['selection'], string>> = { ticked: '[x]', partly: '[-]', unticked: '[ ]' };

export function addSelectiveCommands(program: Command): void {
  const selective = program.command('selective').description('which folders are to be on this device');
  const define = (name: string, description: string): Command =>
    selective.command(name).description(description).addOption(homeOption()).addOption(jsonOption());
  define('list [path]', 'the folders the server has, and which of them are to be here').action(list);
  define('untick <path...>', 'remove the local copies of folders, as far as the server holds them').action(
    (paths: string[], options: Options) => select(paths, 'untick', options),
  );
  define('tick <path...>', 'have folders here again').action((paths: string[], options: Options) =>
    select(paths, 'tick', options),
  );
}

async function list(path: string | undefined, options: Options): Promise<void> {
  const args = path === undefined ? {} : { path: resolveKept(path) };
  const entries = await withDaemon(resolveHome(options.home), (client) => allOf(client, args));
  printAnswer(options.json === true, { entries }, () =>
    entries.map(({ path: at, selection, files, sizeBytes, kept }) => {
      const stays = kept === 0 ? '' : `  ${kept} not with the server, kept here`;
      return `${MARKS[selection]} ${formatBytes(sizeBytes).padStart(9)} ${`${files}`.padStart(7)}  ${at}${stays}`;
    }),
  );
}

async function allOf(client: ControlClient, args: { readonly path?: string }): Promise<SelectedFolder[]> {
  const entries: SelectedFolder[] = [];
  for (let after: string | undefined; ;) {
    const page = await client.call('selection', { ...args, ...(after === undefined ? {} : { after }) });
    entries.push(...page.entries);
    if (page.next === undefined) return entries;
    after = page.next;
  }
}

async function select(paths: readonly string[], act: 'untick' | 'tick', options: Options): Promise<void> {
  await withDaemon(resolveHome(options.home), async (client) => {
    const { folders } = await client.call('status', {});
    const byFolder = new Map<string, string[]>();
    for (const path of paths.map((one) => resolveKept(one))) {
      const folder = folders.find((one) => path.startsWith(one.path + sep))?.path;
      if (folder === undefined) throw new OnefoldError('not-found', `${path} lies in no synced folder`);
      byFolder.set(folder, [...(byFolder.get(folder) ?? []), relative(folder, path).split(sep).join('/')]);
    }
    for (const [folder, inside] of byFolder) await client.call('setSelection', { folder, [act]: inside });
  });
  const text =
    act === 'untick'
      ? `Not to be on this device: ${paths.join(', ')}. What the server holds of it leaves this disk; the rest stays.`
      : `To be on this device: ${paths.join(', ')}.`;
  printAnswer(options.json === true, {}, () => [text]);
}
