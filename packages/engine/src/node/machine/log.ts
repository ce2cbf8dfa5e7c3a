import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../../ports.ts';

/*
 * Lines of JSON in `logs/daemon.log`, pino's field names. Full files move on: daemon.log -> daemon.1.log -> ... -> gone.
 * Names of files, and whatever is sealed, stay out of it above `debug`: logs get attached to letters.
 */

const LEVELS = { debug: 20, info: 30, warn: 40, error: 50 } as const;
export type LogLevel = keyof typeof LEVELS;

const MAX_BYTES = 5 * 1024 * 1024;
const KEPT_FILES = 4;
/** Lines of one burst are written together. */
const GATHER_MS = 200;
/** Fields that would name a file. */
const NAMING = new Set(['path', 'name', 'from', 'to', 'target', 'previousPath', 'paths', 'folder', 'email']);

export interface FileLog extends Log {
  /** Writes what is still gathered. */
  close(): void;
}

/** Opens the log of a home. A log that cannot be written is silent: it must never stop the work it tells about. */
export function openLog(
  folder: string,
  options: { readonly level?: LogLevel; readonly toStderr?: boolean } = {},
): FileLog {
  const lowest = LEVELS[options.level ?? 'info'];
  const file = path.join(folder, 'daemon.log');
  let gathered = '';
  let timer: NodeJS.Timeout | null = null;
  let sizeBytes = 0;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    sizeBytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    // Reported by the first write that fails, which is silent too.
  }

  function flush(): void {
    timer = null;
    const text = gathered;
    gathered = '';
    if (text === '') return;
    try {
      if (sizeBytes > MAX_BYTES) rotate();
      appendFileSync(file, text, { mode: 0o600 });
      sizeBytes += Buffer.byteLength(text);
    } catch {
      // A full disk must not end the daemon.
    }
  }

  function rotate(): void {
    for (let age = KEPT_FILES - 1; age >= 0; age--) {
      const from = age === 0 ? file : path.join(folder, `daemon.${age}.log`);
      if (statSync(from, { throwIfNoEntry: false }) !== undefined)
        renameSync(from, path.join(folder, `daemon.${age + 1}.log`));
    }
    sizeBytes = 0;
  }

  return {
    write(level, event, fields) {
      if (LEVELS[level] < lowest) return;
      const line = `${JSON.stringify({ level: LEVELS[level], time: Date.now(), pid: process.pid, event, ...withoutNames(level, fields) }, plain)}\n`;
      if (options.toStderr === true) process.stderr.write(line);
      gathered += line;
      if (level === 'error') flush();
      else if (timer === null) {
        timer = setTimeout(flush, GATHER_MS);
        timer.unref();
      }
    },
    close() {
      if (timer !== null) clearTimeout(timer);
      flush();
    },
  };
}

function withoutNames(level: LogLevel, fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const kept = Object.entries(fields).filter(([key]) => level === 'debug' || !NAMING.has(key));
  return Object.fromEntries(kept);
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return { name: value.name, message: value.message };
  return value instanceof Uint8Array ? `${value.length} bytes` : value;
}
