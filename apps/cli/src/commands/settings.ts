import type { Command } from 'commander';
import { OnefoldError } from '@onefold/protocol';
import type { Settings, SettingsChanges } from '@onefold/control';
import { resolveHome, withDaemon } from '@onefold/host';
import { homeOption, jsonOption } from '../options.ts';

interface SettingsOptions {
  readonly home?: string;
  readonly json?: boolean;
}

export function addSettingsCommands(program: Command): void {
  const settings = program.command('settings').description('what is set on this device, and how to set it');
  settings.addOption(homeOption()).addOption(jsonOption()).action(show);
  settings
    .command('set <name> <value>')
    .description(
      'set one: a name as "settings" prints it; numbers take kB, MB, GB (bytes per second); "null" is none; lists are JSON',
    )
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(set);
}

async function show(options: SettingsOptions): Promise<void> {
  const { settings } = await withDaemon(resolveHome(options.home), (client) => client.call('settings', {}));
  print(settings, options);
}

async function set(name: string, text: string, _options: SettingsOptions, command: Command): Promise<void> {
  // The same options stand at "settings" itself, which takes them when they come first.
  const options: SettingsOptions = command.optsWithGlobals();
  const changes = changeOf(name, parseValue(text));
  const { settings } = await withDaemon(resolveHome(options.home), (client) => client.call('setSettings', { changes }));
  print(settings, options);
}

/** What the name and the value say; whether they may is for the surface to judge. */
export function changeOf(name: string, value: unknown): SettingsChanges {
  const [section, key, ...rest] = name.split('.');
  if (section === undefined || section === '' || rest.length > 0)
    throw new OnefoldError('usage', `no such setting: ${name}`);
  return { [section]: key === undefined ? value : { [key]: value } };
}

const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9 };

export function parseValue(text: string): unknown {
  const amount = /^(\d+(?:\.\d+)?) ?([kmg]?b)$/i.exec(text);
  if (amount !== null) return Math.round(Number(amount[1]) * UNITS[amount[2]!.toLowerCase()]!);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function print(settings: Settings, options: SettingsOptions): void {
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(settings)}\n`);
    return;
  }
  for (const [section, value] of Object.entries(settings)) {
    if (typeof value !== 'object' || value === null) process.stdout.write(`${section} ${JSON.stringify(value)}\n`);
    else
      for (const [key, one] of Object.entries(value))
        process.stdout.write(`${section}.${key} ${JSON.stringify(one)}\n`);
  }
}
