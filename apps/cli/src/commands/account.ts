import { access, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { resolveHome, withDaemon, writeWhole } from '@onefold/host';
import { OnefoldError } from '@onefold/protocol';
import { askFirst, yesOption, type AskOptions } from '../ask-first.ts';
import { emailAddress, homeOption, jsonOption, serverAddress, someName } from '../options.ts';
import { readSecretFile } from '../secret-file.ts';

interface AccountOptions {
  readonly server: string;
  readonly email: string;
  readonly passwordFile: string;
  readonly kit: string;
  readonly deviceName?: string;
  readonly home?: string;
  readonly json?: boolean;
}

export function addAccountCommands(program: Command): void {
  const account = program.command('account').description('accounts');
  withAccountOptions(account.command('create').description('make an account and put this device into it')).action(
    createAccount,
  );
  account
    .command('password')
    .description('change the password, with a new Emergency Kit: the old ones are void from then on')
    .requiredOption(
      '--password-file <file>',
      'file that holds the new password; one line break at its end is not part of it',
    )
    .requiredOption('--kit <file>', 'where the new Emergency Kit is written')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(changePassword);
  account
    .command('recover')
    .description('take an account over with its recovery phrase; every other device is signed out')
    .requiredOption('--server <url>', 'address of the server', serverAddress)
    .requiredOption('--email <address>', 'e-mail address of the account', emailAddress)
    .requiredOption('--phrase-file <file>', 'file that holds the 24 words')
    .requiredOption(
      '--password-file <file>',
      'file that holds a new password; one line break at its end is not part of it',
    )
    .requiredOption('--kit <file>', 'where the new Emergency Kit is written')
    .option('--device-name <name>', 'what this device is called (default: the host name)', someName)
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(recover);
  account
    .command('server')
    .description(
      'say at which address the server is found from now on; nothing changes where your account is not there',
    )
    .argument('<url>', 'the new address', serverAddress)
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(moveServer);
  account
    .command('sign-out')
    .description("take the account's keys off this device; folders and what is in them stay")
    .addOption(homeOption())
    .addOption(jsonOption())
    .addOption(yesOption())
    .action(signOut);
  account
    .command('delete')
    .description(
      'delete the account with everything the server keeps of it, for good; files in the folders of your devices stay',
    )
    .requiredOption(
      '--email <address>',
      'e-mail address of the account, so that it is not done by mistake',
      emailAddress,
    )
    .requiredOption(
      '--password-file <file>',
      'file that holds the password; one line break at its end is not part of it',
    )
    .requiredOption('--kit <file>', 'the Emergency Kit')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(deleteAccount);
  withAccountOptions(program.command('login').description('put this device into an existing account')).action(login);
}

function withAccountOptions(command: Command): Command {
  return command
    .requiredOption('--server <url>', 'address of the server', serverAddress)
    .requiredOption('--email <address>', 'e-mail address of the account', emailAddress)
    .requiredOption(
      '--password-file <file>',
      'file that holds the password; one line break at its end is not part of it',
    )
    .requiredOption('--kit <file>', 'the Emergency Kit: written by "account create", read by "login"')
    .option('--device-name <name>', 'what this device is called (default: the host name)', someName)
    .addOption(homeOption())
    .addOption(jsonOption());
}

async function createAccount(options: AccountOptions): Promise<void> {
  const { createAccountOnServer } = await import('@onefold/engine/node');
  const home = resolveHome(options.home);
  const recoveryFile = `${options.kit}.recovery`;
  // An Emergency Kit is the only way back into an account: an old one is never overwritten.
  for (const file of [options.kit, recoveryFile]) {
    if (await exists(file))
      throw new OnefoldError('invalid-argument', `${file} is there already; move it away or name another file`);
  }
  if (!(await exists(dirname(resolve(options.kit)))))
    throw new OnefoldError('invalid-argument', `there is no folder for the Emergency Kit ${options.kit}`);
  const password = await readSecretFile(options.passwordFile);
  try {
    await createAccountOnServer({
      server: options.server,
      email: options.email,
      password,
      deviceName: options.deviceName ?? hostname(),
      home,
      // Written before the account exists: an account whose kit was lost would be lost with it.
      saveKit: async (kit, recoveryPhrase) => {
        await writeWhole(options.kit, kit, 0o600);
        await writeWhole(recoveryFile, `${recoveryPhrase.trim()}\n`, 0o600);
      },
    });
  } catch (thrown) {
    // Whether the server made the account is unknown when its answer was lost: then the kit stays.
    const isSure = thrown instanceof OnefoldError && thrown.reaction !== 'back-off';
    if (isSure) for (const file of [options.kit, recoveryFile]) await rm(file, { force: true });
    throw thrown;
  }
  report(options, { home, kit: options.kit, recovery: recoveryFile }, [
    `Account ${options.email} made; this device is in it.`,
    `Emergency Kit:    ${options.kit}`,
    `Recovery phrase:  ${recoveryFile}`,
    'Keep both away from this computer, and apart. Nobody can recover your files without them.',
  ]);
}

async function login(options: AccountOptions): Promise<void> {
  const { loginOnServer } = await import('@onefold/engine/node');
  const home = resolveHome(options.home);
  const kit = await readKit(options.kit);
  await loginOnServer({
    server: options.server,
    email: options.email,
    password: await readSecretFile(options.passwordFile),
    kit,
    deviceName: options.deviceName ?? hostname(),
    home,
  });
  report(options, { home }, [`This device is in the account ${options.email}.`]);
}

async function readKit(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new OnefoldError('invalid-argument', `cannot read the Emergency Kit ${file}`, { cause });
  });
}

async function changePassword(options: Pick<AccountOptions, 'passwordFile' | 'kit' | 'home' | 'json'>): Promise<void> {
  if (await exists(options.kit))
    throw new OnefoldError('invalid-argument', `${options.kit} is there already; move it away or name another file`);
  const password = await readSecretFile(options.passwordFile);
  await withDaemon(resolveHome(options.home), async (client) => {
    const { kit } = await client.call('changePassword', { password });
    // Written before anything changes, and left there whatever comes: whether the server took it is unknown when its answer was lost.
    await writeWhole(options.kit, kit.text, 0o600);
    await client.call('keepNewKit', {});
  });
  report(options, { kit: options.kit }, [
    'The password is changed.',
    `Emergency Kit:    ${options.kit}`,
    'The old password and the old kit let nobody in any more.',
  ]);
}

async function recover(options: AccountOptions & { readonly phraseFile: string }): Promise<void> {
  const { recoverOnServer } = await import('@onefold/engine/node');
  const home = resolveHome(options.home);
  if (await exists(options.kit))
    throw new OnefoldError('invalid-argument', `${options.kit} is there already; move it away or name another file`);
  const { server, email } = options;
  await recoverOnServer({
    server,
    email,
    phrase: await readSecretFile(options.phraseFile),
    password: await readSecretFile(options.passwordFile),
    deviceName: options.deviceName ?? hostname(),
    home,
    saveKit: (kit) => writeWhole(options.kit, kit, 0o600),
  });
  report(options, { home, kit: options.kit }, [
    `The account ${email} is recovered; this device is in it, every other one is out.`,
    `Emergency Kit:    ${options.kit}`,
  ]);
}

async function moveServer(server: string, options: Pick<AccountOptions, 'home' | 'json'>): Promise<void> {
  const home = resolveHome(options.home);
  await withDaemon(home, (client) => client.call('moveServer', { server }));
  report(options, { home, server }, [
    `This device finds the server at ${server} from now on. Each of your devices has to be told.`,
  ]);
}

async function signOut(options: Pick<AccountOptions, 'home' | 'json'> & AskOptions): Promise<void> {
  const home = resolveHome(options.home);
  await askFirst(
    options,
    'The keys leave this device; to come back takes another device, or the password and the Emergency Kit.',
  );
  await withDaemon(home, (client) => client.call('signOut', {}));
  report(options, { home }, [
    'This device is signed out. Its folders stay as they are.',
    'It still stands in the account; to take it out: onefold devices revoke, on another device.',
  ]);
}

async function deleteAccount(
  options: Pick<AccountOptions, 'email' | 'passwordFile' | 'kit' | 'home' | 'json'>,
): Promise<void> {
  const home = resolveHome(options.home);
  const kit = await readKit(options.kit);
  const password = await readSecretFile(options.passwordFile);
  await withDaemon(home, (client) => client.call('deleteAccount', { kit, password, email: options.email }));
  report(options, { home }, [
    `The account ${options.email} is deleted. Nobody can bring it back.`,
    'The files in the folders of your devices stay; they are no longer kept in step.',
  ]);
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function report(options: Pick<AccountOptions, 'json'>, data: Record<string, string>, lines: readonly string[]): void {
  process.stdout.write(options.json === true ? `${JSON.stringify(data)}\n` : `${lines.join('\n')}\n`);
}
