import type { Command } from 'commander';
import type { Check } from '@onefold/control';
import { resolveHome } from '@onefold/host';
import { daemonIfAny } from '../daemon-if-any.ts';
import { EXIT } from '../exit-codes.ts';
import { homeOption, jsonOption } from '../options.ts';
import { setExitCode } from '../run-program.ts';
import { PRODUCT_VERSION } from '../version.ts';

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

async function examine(home: string): Promise<Check[]> {
  const client = await daemonIfAny(home);
  if (client !== null) {
    try {
      const { version } = await client.call('status', {});
      const { checks } = await client.call('doctor', {});
      return [versionCheck(version), ...checks];
    } finally {
      client.close();
    }
  }
  const { examineHome } = await import('@onefold/engine/node');
  const notRunning: Check = {
    id: 'daemon',
    ok: false,
    says: 'daemon-missing',
    facts: {},
    message: `No daemon runs for ${home}: nothing is kept in step.`,
    advice: `Start one with: onefold daemon --home ${home}`,
  };
  return [notRunning, ...(await examineHome(home))];
}

/** A daemon goes on with what it was started from, whatever is installed meanwhile. */
function versionCheck(daemonVersion: string): Check {
  const ok = daemonVersion === PRODUCT_VERSION;
  return {
    id: 'version',
    ok,
    says: 'version',
    facts: { daemon: daemonVersion, here: PRODUCT_VERSION },
    message: ok
      ? `The daemon is version ${daemonVersion}.`
      : `The daemon is version ${daemonVersion}, this command ${PRODUCT_VERSION}.`,
    advice: ok ? '' : 'Stop the daemon and start it again.',
  };
}

function describeCheck({ ok, message, advice }: Check): string {
  return ok ? `ok  ${message}\n` : `!!  ${message}\n    ${advice}\n`;
}
