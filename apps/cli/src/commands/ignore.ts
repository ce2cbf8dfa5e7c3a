import { relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { resolveHome, withDaemon } from '@onefold/host';
import { OnefoldError, type ControlClient, type RuleEffect } from '@onefold/control';
import { resolveKept } from '../kept-place.ts';
import { homeOption, jsonOption } from '../options.ts';
import { printAnswer } from '../print-answer.ts';
import { formatBytes } from '../print-status.ts';

interface Options {
  readonly home?: string;
  readonly json?: boolean;
  readonly folder?: string;
  readonly in?: string;
}

/** A folder of rules, as it stands. */
interface Standing {
  readonly folder: string;
  readonly in: string;
  readonly text: string | null;
}

export function addIgnoreCommands(program: Command): void {
  const ignore = program.command('ignore').description('what is left out of syncing (.onefoldignore)');
  const define = (name: string, description: string): Command =>
    ignore
      .command(name)
      .description(description)
      .option('--folder <path>', 'the synced folder; the only one, unless told')
      .addOption(homeOption())
      .addOption(jsonOption());
  const inside = (command: Command): Command =>
    command.option('--in <path>', 'inside the synced folder: the folder the rules are about');
  define('list', 'every rule that applies').action(list);
  inside(define('add <pattern...>', 'leave out what matches (as in .gitignore)')).action(
    (patterns: string[], options: Options) => change(options, (lines) => [...lines, ...patterns]),
  );
  inside(define('remove <pattern...>', 'take lines out of the rules')).action((patterns: string[], options: Options) =>
    change(options, (lines) => {
      const missing = patterns.find((pattern) => !lines.includes(pattern));
      if (missing !== undefined) throw new OnefoldError('not-found', `no line says ${missing}`);
      return lines.filter((line) => !patterns.includes(line));
    }),
  );
  define('check <path>', 'whether a path is left out, and by which rule').alias('test').action(check);
  inside(define('preview <pattern...>', 'what would change if these were added; nothing is changed')).action(preview);
}

async function standingRules(client: ControlClient, options: Options): Promise<Standing> {
  const { folders } = await client.call('status', {});
  const wanted = options.folder === undefined ? undefined : resolveKept(options.folder);
  if (wanted === undefined && folders.length !== 1) throw new OnefoldError('invalid-argument', 'say which --folder');
  const folder = wanted ?? folders[0]!.path;
  const at = relative(folder, resolve(folder, options.in ?? ''))
    .split(sep)
    .join('/');
  const { files } = await client.call('rules', { folder });
  return { folder, in: at, text: files.find((file) => file.in === at)?.text ?? null };
}

function linesOf(text: string | null): string[] {
  const lines = (text ?? '').split(/\r?\n/u);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function textOf(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

async function list(options: Options): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), (client) =>
    client.call('rules', options.folder === undefined ? {} : { folder: resolveKept(options.folder) }),
  );
  printAnswer(options.json === true, answer, () => [
    `always: ${answer.builtIn.join('  ')}`,
    ...answer.files.flatMap((file) => [
      `${file.in === '' ? '' : `${file.in}/`}.onefoldignore:`,
      ...linesOf(file.text).map((line) => `  ${line}`),
    ]),
  ]);
}

async function change(options: Options, by: (lines: readonly string[]) => readonly string[]): Promise<void> {
  await withDaemon(resolveHome(options.home), async (client) => {
    const { folder, in: at, text: was } = await standingRules(client, options);
    await client.call('setRules', { folder, in: at, was, text: textOf(by(linesOf(was))) });
  });
  printAnswer(options.json === true, {}, () => ['The rules are written. They apply on every device.']);
}

async function check(path: string, options: Options): Promise<void> {
  const at = resolveKept(path) + (path.endsWith('/') ? '/' : '');
  const answer = await withDaemon(resolveHome(options.home), (client) => client.call('checkRule', { path: at }));
  const { isIgnored, rule } = answer;
  const where =
    rule === undefined
      ? 'no rule is about it'
      : rule.in === null
        ? `always: ${rule.pattern}`
        : `${rule.in === '' ? '' : `${rule.in}/`}.onefoldignore, line ${rule.line}: ${rule.pattern}`;
  printAnswer(options.json === true, answer, () => [`${isIgnored ? 'ignored' : 'synced'} (${where})`]);
}

async function preview(patterns: readonly string[], options: Options): Promise<void> {
  const effects = await withDaemon(resolveHome(options.home), async (client) => {
    const { folder, in: at, text: was } = await standingRules(client, options);
    const args = { folder, in: at, text: textOf([...linesOf(was), ...patterns]) };
    const found: RuleEffect[] = [];
    for (let after: string | undefined; ;) {
      const page = await client.call('previewRules', { ...args, ...(after === undefined ? {} : { after }) });
      found.push(...page.effects);
      if (page.next === undefined) return found;
      after = page.next;
    }
  });
  printAnswer(options.json === true, { effects }, () =>
    effects.length === 0 ? ['Nothing would change.'] : effects.map(describeEffect),
  );
}

function describeEffect({ path, kind, sizeBytes, becomes, isTracked }: RuleEffect): string {
  const name = kind === 'folder' ? `${path}/` : path;
  const frozen = becomes === 'ignored' && isTracked ? '  (synced by now: stays as it is, here and elsewhere)' : '';
  return `${becomes.padEnd(7)} ${formatBytes(sizeBytes).padStart(9)}  ${name}${frozen}`;
}
