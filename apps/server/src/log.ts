import { pino, destination, type Logger } from 'pino';
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
    { level: config.logLevel, base: { pid: process.pid }, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    target,
  );
}
