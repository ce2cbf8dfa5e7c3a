import type { Command } from 'commander';
import type { Check } from '@onefold/control';
import { resolveHome } from '@onefold/host';
import { OnefoldError, type ErrorCode } from '@onefold/protocol';
import { daemonIfAny } from '../daemon-if-any.ts';
import { EXIT } from '../exit-codes.ts';
import { homeOption, jsonOption } from '../options.ts';
import { setExitCode } from '../run-program.ts';
import { PRODUCT_VERSION } from '../version.ts';

const ANOTHER_AGE: ReadonlySet<ErrorCode> = new Set(['server-answer-invalid', 'invalid-argument']);

interface DoctorOptions {
  readonly home?: string;
  readonly json?: boolean;
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check what usually goes wrong, with and without a running daemon')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(async (options: DoctorOptions) => {
      const checks = await examine(resolveHome(options.home));
      if (options.json === true) process.stdout.write(`${JSON.stringify({ checks })}\n`);
      else for (const line of checks.map(describeCheck)) process.stdout.write(line);
      if (checks.some((check) => !check.ok)) setExitCode(EXIT.attention);
    });
}

/** What the daemon of a home finds, with how its version fits this command's; without a daemon, what can be told without one. */
export async function examine(home: string): Promise<Check[]> {
  const client = await daemonIfAny(home);
  if (client !== null) {
    try {
      const status = await unlessOfAnotherAge(client.call('status', {}));
      const found = await unlessOfAnotherAge(client.call('doctor', {}));
      const version = status?.version ?? null;
      return [versionCheck(found === null && version === PRODUCT_VERSION ? null : version), ...(found?.checks ?? [])];
    } finally {
      client.close();
    }
  }
  const { examineHome } = await import('@onefold/engine/node');
  const found = await examineHome(home);
  const isSealed = found.some(({ says }) => says === 'keys-sealed');
  const notRunning: Check = {
    id: 'daemon',
    ok: false,
    says: 'daemon-missing',
    facts: {},
    message: `No daemon runs for ${home}: nothing is kept in step.`,
    advice: isSealed ? 'Open the app: it runs one.' : `Start one with: onefold daemon --home ${home}`,
  };
  return [notRunning, ...found];
}

/** Null where daemon and command are so far apart that the one does not know the call, or the other not the answer. */
async function unlessOfAnotherAge<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (thrown) {
    if (thrown instanceof OnefoldError && ANOTHER_AGE.has(thrown.code)) return null;
    throw thrown;
  }
}

/** A daemon goes on with what it was started from, whatever is installed meanwhile. Null: its answers cannot be read. */
function versionCheck(daemonVersion: string | null): Check {
  const ok = daemonVersion === PRODUCT_VERSION;
  return {
    id: 'version',
    ok,
    says: 'version',
    facts: { daemon: daemonVersion ?? '?', here: PRODUCT_VERSION },
    message: ok
      ? `The daemon is version ${daemonVersion}.`
      : daemonVersion === null
        ? `The daemon is of another version than this command (${PRODUCT_VERSION}): its answers cannot be read.`
        : `The daemon is version ${daemonVersion}, this command ${PRODUCT_VERSION}.`,
    advice: ok ? '' : 'Stop the daemon and start it again.',
  };
}

function describeCheck({ ok, message, advice }: Check): string {
  return ok ? `ok  ${message}\n` : `!!  ${message}\n    ${advice}\n`;
}
