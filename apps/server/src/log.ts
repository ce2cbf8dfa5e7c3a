import { pino, destination, type Logger } from 'pino';
import { z } from 'zod';
import { OnefoldError } from '@onefold/protocol';
import type { ServerConfig } from './config.ts';

export type Log = Logger;

/**
 * Structured lines, to stderr or a file. What is logged is chosen field by field where it is logged: route patterns, codes, sizes, times and ids;
 * never tokens, keys, e-mail addresses, names or bodies. An error is logged as its code and, when unexpected, its stack.
 */
export function createLog(config: Pick<ServerConfig, 'logLevel' | 'logFile'>): Log {
  const target =
    config.logFile === undefined
      ? destination({ fd: 2, sync: true })
      : destination({ dest: config.logFile, mkdir: true, sync: true, mode: 0o600 });
  return pino(
    {
      level: config.logLevel,
      base: { pid: process.pid },
      serializers: { err: errorFields },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
    },
    target,
  );
}

/** Name, code, words and stack: never what libraries hang on their errors (rows, commands, addresses with passwords), and never words that quote what was sent. */
function errorFields(thrown: unknown): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { name: typeof thrown };
  const { code, cause } = thrown as NodeJS.ErrnoException;
  const isQuoting = thrown instanceof z.ZodError;
  return {
    name: thrown.name,
    code,
    message: isQuoting ? 'schema' : thrown.message,
    stack: isQuoting ? undefined : thrown.stack,
    details: thrown instanceof OnefoldError ? thrown.details : undefined,
    cause: cause instanceof Error ? { name: cause.name, code: (cause as NodeJS.ErrnoException).code } : undefined,
  };
}
