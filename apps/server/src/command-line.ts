import { parseArgs } from 'node:util';
import { OnefoldError, toOnefoldError } from '@onefold/protocol';
import { loadConfig } from './load-config.ts';
import { startServer } from './server.ts';

const USAGE = `onefold-server [--data DIR] [--listen HOST:PORT] [--config FILE] [--json]
onefold-server admin users | audit [COUNT]
onefold-server admin devices EMAIL | end-sessions EMAIL | quota EMAIL BYTES|default
onefold-server admin fsck [--repair] | gc
onefold-server admin backup DIR | restore DIR

Keeps everything in DIR (default: ./onefold-data) and answers at HOST:PORT (default: 127.0.0.1:7440; port 0 takes a free one).
Runs in the foreground; SIGINT or SIGTERM lets it finish what was asked and end. fsck, gc and restore need the server to be stopped; backup does not.
docs/OPERATIONS.md says more.
`;

export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

/** Runs the command to its end and answers with the exit code. */
export async function runCommand(args: readonly string[]): Promise<number> {
  let isJson = args.includes('--json');
  try {
    const { values, positionals } = parseCommand(args);
    isJson = values.json;
    if (values.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    const [first, second, ...rest] = positionals;
    if (first === undefined) return await serve(values);
    if (first === 'admin' && second !== undefined) {
      const { runAdmin } = await import('./admin/admin-command.ts');
      const config = loadConfig(values, process.env);
      const code = await runAdmin(config, second, rest, { isJson, isRepair: values.repair });
      if (code !== undefined) return code;
    }
    if (first === 'admin' && second === undefined) throw new OnefoldError('usage', 'admin needs a command');
    throw new OnefoldError('usage', `no such command: ${positionals.join(' ')}`);
  } catch (thrown) {
    const error = toOnefoldError(thrown);
    if (isJson) process.stdout.write(`${JSON.stringify({ event: 'error', ...error.toReport() })}\n`);
    process.stderr.write(
      `onefold-server: ${error.message} (${error.code})\n${error.code === 'usage' ? `\n${USAGE}` : ''}`,
    );
    return error.code === 'usage' || error.code === 'invalid-argument' ? EXIT_USAGE : EXIT_FAILED;
  }
}

interface Values {
  readonly data?: string;
  readonly listen?: string;
  readonly config?: string;
  readonly json: boolean;
  readonly repair: boolean;
  readonly help: boolean;
}

/** What the arguments say. Throws `usage`. */
export function parseCommand(args: readonly string[]): {
  readonly values: Values;
  readonly positionals: readonly string[];
} {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        data: { type: 'string' },
        listen: { type: 'string' },
        config: { type: 'string' },
        json: { type: 'boolean', default: false },
        repair: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return { values, positionals };
  } catch (thrown) {
    throw new OnefoldError('usage', thrown instanceof Error ? thrown.message : 'bad arguments', { cause: thrown });
  }
}

/** Serves until a signal. A second signal while it drains ends it at once. */
async function serve(values: Values): Promise<number> {
  const config = loadConfig(values, process.env);
  const stopped = new Promise<void>((resolve) => {
    let signals = 0;
    const stop = (): void => {
      if (++signals > 1) process.exit(EXIT_FAILED);
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    // `systemctl reload` asks for a renewed certificate, and ends no server that has none; a terminal that closes ends what runs in it.
    process.on('SIGHUP', () => {
      if (config.tls === undefined && process.stdin.isTTY) stop();
    });
  });
  const server = await startServer(config);
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ event: 'ready', pid: process.pid, url: server.url })}\n`
      : `onefold-server is ready: pid ${process.pid}, ${server.url}\n`,
  );
  await stopped;
  await server.close();
  return 0;
}
