import { access, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { resolveHome, writeWhole } from '@onefold/host';
import { OnefoldError } from '@onefold/protocol';
import { emailAddress, homeOption, jsonOption, someName } from '../options.ts';
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
  withAccountOptions(program.command('login').description('put this device into an existing account')).action(login);
}

function withAccountOptions(command: Command): Command {
  return command
    .requiredOption('--server <url>', 'address of the server')
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
  const kit = await readFile(options.kit, 'utf8').catch((cause: unknown) => {
    throw new OnefoldError('invalid-argument', `cannot read the Emergency Kit ${options.kit}`, { cause });
  });
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

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function report(options: AccountOptions, data: Record<string, string>, lines: readonly string[]): void {
  process.stdout.write(options.json === true ? `${JSON.stringify(data)}\n` : `${lines.join('\n')}\n`);
}
