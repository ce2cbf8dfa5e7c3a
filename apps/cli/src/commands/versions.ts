import type { Command } from 'commander';
import type { CallResult, ControlClient, FileVersion, PlaceEvent } from '@onefold/control';
import { resolveHome, withDaemon } from '@onefold/host';
import { OnefoldError } from '@onefold/protocol';
import { resolveKept } from '../kept-place.ts';
import { homeOption, jsonOption } from '../options.ts';
import { printAnswer } from '../print-answer.ts';
import { formatBytes } from '../print-status.ts';

interface Options {
  readonly home?: string;
  readonly json?: boolean;
  readonly version?: string;
  readonly with?: string;
  readonly to?: string;
}

export function addVersionCommands(program: Command): void {
  const define = (name: string, description: string): Command =>
    program.command(name).description(description).addOption(homeOption()).addOption(jsonOption());

  define('versions <path>', 'what became of a file and its name, newest first').action(versions);
  define('show <path>', 'print the text of a version')
    .option('--version <version>', 'which one (see "versions"); default: as it is now')
    .action(show);
  define('diff <path>', 'what differs between two versions of a text')
    .option('--version <version>', 'the older one (see "versions"); default: the newest that is not current')
    .option('--with <version>', 'the newer one; default: as it is now')
    .action(diff);
  define('restore <path>', 'bring back an earlier version or a deleted file')
    .option('--version <version>', 'which one (see "versions"); default: the newest that is not current')
    .option('--to <path>', 'restore beside instead of into its place')
    .action(restore);
}

async function versions(path: string, options: Options): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), (client) =>
    client.call('versions', { path: resolveKept(path) }),
  );
  printAnswer(options.json === true, answer, () => linesOf(answer));
}

/** Both lists newest first, as one. */
export function linesOf({ versions: kept, events }: CallResult<'versions'>): readonly string[] {
  const lines = [
    ...kept.map((version) => ({ atMs: version.atMs, line: describeVersion(version) })),
    ...events.map((event) => ({ atMs: event.atMs, line: describeEvent(event) })),
  ];
  return lines.sort((a, b) => b.atMs - a.atMs).map(({ atMs, line }) => `${new Date(atMs).toISOString()}  ${line}`);
}

function describeVersion({ version, sizeBytes, kind, device, isCurrent }: FileVersion): string {
  const size = formatBytes(sizeBytes).padStart(9);
  return `${version.padEnd(10)} ${size}  ${kind} on ${device.name}${isCurrent ? '  (current)' : ''}`;
}

function describeEvent({ kind, previousPath, device }: PlaceEvent): string {
  const was = previousPath === undefined ? '' : `, was ${previousPath}`;
  return `${''.padEnd(20)}  ${kind} on ${device.name}${was}`;
}

async function show(path: string, options: Options): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), (client) => preview(client, path, options.version));
  if (options.json === true) return void process.stdout.write(`${JSON.stringify(answer)}\n`);
  process.stdout.write(textOf(answer));
}

async function diff(path: string, options: Options): Promise<void> {
  const [older, newer, name] = await withDaemon(resolveHome(options.home), async (client) => {
    const chosen = options.version ?? (await newestOld(client, path));
    return [await preview(client, path, chosen), await preview(client, path, options.with), chosen] as const;
  });
  const newerName = options.with ?? 'now';
  // Loaded where it is used: the daemon's process holds every command for as long as it runs.
  const { createTwoFilesPatch } = await import('diff');
  const patch = createTwoFilesPatch(path, path, textOf(older), textOf(newer), `version ${name}`, newerName);
  if (options.json === true) {
    const isSame = textOf(older) === textOf(newer);
    process.stdout.write(`${JSON.stringify({ version: name, with: newerName, isSame, patch })}\n`);
  } else if (textOf(older) !== textOf(newer)) process.stdout.write(patch);
}

async function newestOld(client: ControlClient, path: string): Promise<string> {
  const answer = await client.call('versions', { path: resolveKept(path) });
  const found = answer.versions.find(({ isCurrent }) => !isCurrent);
  if (found === undefined) throw new OnefoldError('not-found', 'there is no older version');
  return found.version;
}

function preview(client: ControlClient, path: string, version: string | undefined): Promise<CallResult<'preview'>> {
  return client.call('preview', { path: resolveKept(path), ...(version === undefined ? {} : { version }) });
}

/** Never a part of it: half a text would be taken for the whole. */
function textOf(answer: CallResult<'preview'>): string {
  if (answer.kind === 'text' && !answer.isCut) return answer.text;
  const isTooLarge = answer.kind === 'text' || (answer.kind === 'none' && answer.why === 'too-large');
  throw new OnefoldError(
    'invalid-argument',
    `${isTooLarge ? 'that is too large to be shown' : 'that is no text'}; "onefold restore --to" puts it beside the file`,
  );
}

async function restore(path: string, options: Options): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), (client) =>
    client.call('restore', {
      path: resolveKept(path),
      ...(options.version === undefined ? {} : { version: options.version }),
      ...(options.to === undefined ? {} : { to: resolveKept(options.to) }),
    }),
  );
  printAnswer(options.json === true, answer, () => [`Restored to ${answer.path}.`]);
}
