import type { Command } from 'commander';
import type { CallArgs, CallName, ControlClient, DeviceStatus } from '@onefold/control';
import { resolveHome, withDaemon } from '@onefold/host';
import { OnefoldError } from '@onefold/protocol';
import { homeOption, jsonOption } from '../options.ts';
import { printAnswer } from '../print-answer.ts';
import { addLinkingCommands } from './account-link.ts';

interface DeviceOptions {
  readonly home?: string;
  readonly json?: boolean;
}

export function addDeviceCommands(program: Command): void {
  const devices = program
    .command('devices')
    .description('the devices of this account')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(list);
  const define = (name: string, description: string): Command =>
    devices.command(name).description(description).addOption(homeOption()).addOption(jsonOption());

  define('rename <device> <name>', 'give a device another name').action(
    (device: string, name: string, options: DeviceOptions) =>
      act(
        options,
        device,
        'renameDevice',
        (id) => ({ device: id, name }),
        () => `It is called ${name} now.`,
      ),
  );
  addLinkingCommands(devices);
  define('revoke <device>', 'remove another device from the account; what is on its disk stays there').action(
    (device: string, options: DeviceOptions) =>
      act(
        options,
        device,
        'revokeDevice',
        (id) => ({ device: id }),
        ({ name }) => `${name} is removed.`,
      ),
  );
  define('verify <device>', 'vouch for a device that was added by password').action(
    (device: string, options: DeviceOptions) =>
      act(
        options,
        device,
        'verifyDevice',
        (id) => ({ device: id }),
        ({ name }) => `${name} is verified.`,
      ),
  );
}

async function list(options: DeviceOptions): Promise<void> {
  const answer = await withDaemon(resolveHome(options.home), (client) => client.call('devices', {}));
  printAnswer(options.json === true, answer, () => answer.devices.map(describe));
}

function describe(device: DeviceStatus): string {
  const marks = [device.here ? ' (this device)' : '', device.verified ? '' : ' (added by password, not verified)'];
  return `${device.name}${marks.join('')}  ${device.id}`;
}

async function act<N extends CallName>(
  options: DeviceOptions,
  device: string,
  call: N,
  args: (id: string) => CallArgs<N>,
  sentence: (device: DeviceStatus) => string,
): Promise<void> {
  const found = await withDaemon(resolveHome(options.home), async (client) => {
    const one = await find(client, device);
    await client.call(call, args(one.id));
    return one;
  });
  printAnswer(options.json === true, { device: found.id }, () => [sentence(found)]);
}

/** By its id, the beginning of one, or its name, as long as that says which. Throws `not-found`, `invalid-argument`. */
async function find(client: ControlClient, text: string): Promise<DeviceStatus> {
  const { devices } = await client.call('devices', {});
  const exact = devices.find(({ id }) => id === text);
  if (exact !== undefined) return exact;
  const found = devices.filter(({ id, name }) => name === text || (text.length >= 4 && id.startsWith(text)));
  const [first] = found;
  if (first === undefined) throw new OnefoldError('not-found', `the account has no device ${text}`);
  if (found.length > 1)
    throw new OnefoldError('invalid-argument', `several devices are called ${text}; name one by its id`);
  return first;
}
