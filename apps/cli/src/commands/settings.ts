import type { Command } from 'commander';
import type { Settings } from '@onefold/control';
import { resolveHome, withDaemon } from '@onefold/host';
import { homeOption, jsonOption } from '../options.ts';
import { changeOf } from '../setting-values.ts';

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
