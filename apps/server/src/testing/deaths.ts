import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { resolveConfig, type ServerConfigInput } from '../config.ts';
import type { StoreContext } from '../context.ts';
import { createLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import { openSqlite } from '../metadata/sqlite.ts';
import { openDiskPackStore } from '../packs/disk.ts';
import { readable, type TableRows } from './job-work.ts';

/*
 * What kill -9 leaves of work on a data folder. The work runs once; before every commit, and before every file that is placed or removed, the folder is copied as
 * it lies there: that is what a process that died at this moment would leave, with its transaction open, its lease held, and nothing of its memory.
 */

/** Called with what is about to happen. */
type OnStep = (step: string) => void;

/** Where a test's stand-ins for functions of `node:fs/promises` tell what is about to be done. */
export const aboutTo: { step: OnStep } = { step: () => undefined };

export interface Death {
  readonly step: string;
  readonly folder: string;
  readonly nowMs: number;
}

export interface OpenFolder {
  readonly context: StoreContext;
  close(): Promise<void>;
}

/** A folder as background work finds it. */
export async function openFolder(
  data: string,
  config: Omit<ServerConfigInput, 'data'>,
  nowMs: () => number,
  onStep: OnStep = () => undefined,
): Promise<OpenFolder> {
  const metadata = await openSqlite(join(data, 'metadata.db'), nowMs);
  const packs = await openDiskPackStore({ folder: join(data, 'packs'), nowMs });
  const told: MetadataDatabase = {
    ...metadata,
    write: (work) =>
      metadata.write(async (writer) => {
        const result = await work(writer);
        onStep('commit');
        return result;
      }),
  };
  const log = createLog({ logLevel: 'silent' });
  aboutTo.step = onStep;
  return {
    context: {
      config: resolveConfig({ ...config, data }),
      log,
      metrics: createMetrics(),
      nowMs,
      metadata: told,
      packs,
    },
    close: async () => {
      aboutTo.step = () => undefined;
      await packs.close();
      await metadata.close();
    },
  };
}

/** So many deaths at steps of which one is like the other: the same step, after which the same tables, or the files, had changed. */
const ALIKE = 2;

/** Takes copies of `data` into `copies`; where nothing has changed since the one before but who holds a lease, none is taken. */
export function recordDeaths(data: string, copies: string) {
  const deaths: Death[] = [];
  const alike = new Map<string, number>();
  let before = new Map<string, string>();
  return {
    deaths,
    onStep: (step: string, nowMs: number): void => {
      const parts: [string, unknown][] = [...Object.entries(rowsOf(data)), ['files', packFiles(data)]];
      const now = new Map(parts.map(([name, value]) => [name, JSON.stringify(value)]));
      const changed = [...now].filter(([name, text]) => before.get(name) !== text).map(([name]) => name);
      before = now;
      if (changed.length === 0) return;
      const kind = [step, ...changed].join(' ');
      const count = (alike.get(kind) ?? 0) + 1;
      alike.set(kind, count);
      if (count > ALIKE) return;
      const folder = join(copies, String(deaths.length));
      cpSync(data, folder, { recursive: true });
      deaths.push({ step: `before ${step}, after ${changed.join(', ')}`, folder, nowMs });
    },
  };
}

/** Tables of what happens now: nobody misses it. */
export const PASSING = ['lease', 'session', 'challenge', 'login_attempt', 'presence'];

/** What is committed, by table. */
export function rowsOf(data: string): TableRows {
  const database = new Database(join(data, 'metadata.db'), { readonly: true });
  try {
    const tables = database.prepare(`select name from sqlite_master where type = 'table'`).pluck().all() as string[];
    const kept = tables.filter((name) => !PASSING.includes(name) && !name.startsWith('sqlite_'));
    return Object.fromEntries(
      kept.map((name) => [name, (database.prepare(`select * from "${name}"`).all() as object[]).map(readable)]),
    );
  } finally {
    database.close();
  }
}

/** Every file of the pack store, by its key; what is being written, too. */
export function packFiles(data: string): string[] {
  const folder = join(data, 'packs');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'onefold-database')
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
