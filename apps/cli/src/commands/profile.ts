import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CallResult } from '@onefold/control';
import { resolveHome, withDaemon } from '@onefold/host';
import { OnefoldError } from '@onefold/protocol';
import { homeOption, jsonOption, someName } from '../options.ts';
import { printAnswer } from '../print-answer.ts';

interface ProfileOptions {
  readonly home?: string;
  readonly json?: boolean;
  /** false: `--no-name`, `--no-picture`. */
  readonly name?: string | false;
  readonly picture?: string | false;
}

type Profile = CallResult<'profile'>['profile'];

/** As many bytes as fit into the picture of a profile, which is text. */
const MOST_PICTURE_BYTES = 59_000;

export function addProfileCommands(program: Command): void {
  const profile = program
    .command('profile')
    .description('name and picture of the account, as others who share something will see them')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(show);
  profile
    .command('set')
    .description('set name or picture; what is not given stays')
    .option('--name <name>', 'how the person is called', someName)
    .option('--no-name', 'take the name away')
    .option('--picture <file>', 'a square PNG, JPEG or WebP of at most 59 kB; it is sent as it is')
    .option('--no-picture', 'take the picture away')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(set);
}

async function show(options: ProfileOptions): Promise<void> {
  const { profile } = await withDaemon(resolveHome(options.home), (client) => client.call('profile', {}));
  print(profile, options);
}

async function set(_options: ProfileOptions, command: Command): Promise<void> {
  // The same options stand at "profile" itself, which takes them when they come first.
  const options: ProfileOptions = command.optsWithGlobals();
  const given = (name: 'name' | 'picture'): boolean => command.getOptionValueSource(name) === 'cli';
  if (!given('name') && !given('picture')) throw new OnefoldError('usage', 'name what to set: --name or --picture');
  const picture = given('picture') && typeof options.picture === 'string' ? await readPicture(options.picture) : null;
  const profile = await withDaemon(resolveHome(options.home), async (client) => {
    const { profile: was } = await client.call('profile', {});
    const next: Profile = {
      name: given('name') ? (typeof options.name === 'string' ? options.name : null) : was.name,
      picture: given('picture') ? picture : was.picture,
    };
    await client.call('setProfile', next);
    return next;
  });
  print(profile, options);
}

function print(profile: Profile, options: ProfileOptions): void {
  printAnswer(options.json === true, { profile }, () => [
    `name     ${profile.name ?? '(none)'}`,
    `picture  ${profile.picture === null ? '(none)' : 'there is one'}`,
  ]);
}

async function readPicture(file: string): Promise<string> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new OnefoldError('invalid-argument', `cannot read the file ${file}`, { cause });
  });
  const type = pictureType(bytes);
  if (type === null) throw new OnefoldError('invalid-argument', `${file} is no PNG, JPEG or WebP`);
  if (bytes.length > MOST_PICTURE_BYTES)
    throw new OnefoldError('invalid-argument', `${file} has more than ${MOST_PICTURE_BYTES} bytes`);
  return `data:image/${type};base64,${bytes.toString('base64')}`;
}

/** By how its bytes begin, whatever the file is called. */
export function pictureType(bytes: Buffer): 'png' | 'jpeg' | 'webp' | null {
  const begins = (at: number, text: string): boolean =>
    bytes.subarray(at, at + text.length).equals(Buffer.from(text, 'latin1'));
  if (begins(0, '\x89PNG\r\n\x1a\n')) return 'png';
  if (begins(0, '\xff\xd8\xff')) return 'jpeg';
  return begins(0, 'RIFF') && begins(8, 'WEBP') ? 'webp' : null;
}
