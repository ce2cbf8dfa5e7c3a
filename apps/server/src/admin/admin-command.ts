import { existsSync } from 'node:fs';
import { OnefoldError } from '@onefold/protocol';
import { collect } from '../collect/collect.ts';
import type { ServerConfig } from '../config.ts';
import type { StoreContext } from '../context.ts';
import { takeDataFolder } from '../data-folder.ts';
import { createLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import { openPostgres } from '../metadata/postgres.ts';
import { openSqlite } from '../metadata/sqlite.ts';
import { openEngines, takeFolderOf } from '../open-engines.ts';
import { endSessions, listDevices, listUsers, readAudit, setQuota } from './accounts-command.ts';
import { backUp } from './backup.ts';
import { runFsck } from './fsck-command.ts';
import { restore, wholeBackup } from './restore.ts';

export interface AdminOptions {
  readonly isJson: boolean;
  readonly isRepair: boolean;
}

/** Runs `admin NAME ARGUMENTS`; undefined when there is no such command. Throws `usage`, and what the command throws. */
export async function runAdmin(
  config: ServerConfig,
  name: string,
  given: readonly string[],
  { isJson, isRepair }: AdminOptions,
): Promise<number | undefined> {
  const print = (event: string, report: object, lines: readonly string[]): number => {
    process.stdout.write(
      isJson ? `${JSON.stringify({ event, ...report })}\n` : lines.map((line) => `${visible(line)}\n`).join(''),
    );
    return 0;
  };
  const [first = '', second = ''] = given;
  const takes = (count: number): void => {
    if (given.length !== count || given.includes(''))
      throw new OnefoldError('usage', `admin ${name} takes ${count} arguments`);
  };
  if (isRepair && name !== 'fsck') throw new OnefoldError('usage', '--repair goes with admin fsck alone');
  switch (name) {
    case 'users': {
      takes(0);
      const users = await withMetadata(config, (metadata) => listUsers(metadata, config.quotaBytesPerUser));
      return print('users', { users }, [
        ...users.map(
          ({ email, devices, usedBytes, quotaBytes, user }) =>
            `${email}  ${devices} devices  ${usedBytes} of ${quotaBytes ?? 'unlimited'} bytes  ${user}`,
        ),
        `${users.length} users`,
      ]);
    }
    case 'devices': {
      takes(1);
      const devices = await withMetadata(config, (metadata) => listDevices(metadata, first));
      const lines = devices.map(
        ({ device, lastSeenMs, isRevoked }) =>
          `${device}  last seen ${new Date(lastSeenMs).toISOString()}${isRevoked ? '  revoked' : ''}`,
      );
      return print('devices', { devices }, lines);
    }
    case 'quota': {
      takes(2);
      const quotaBytes = second === 'default' ? null : countOf(second);
      if (quotaBytes === undefined)
        throw new OnefoldError('usage', 'a quota is a number of bytes, or the word default');
      await withMetadata(config, (metadata) => setQuota(metadata, first, quotaBytes));
      return print('quota', { email: first, quotaBytes }, [`${first}: ${second}`]);
    }
    case 'end-sessions': {
      takes(1);
      const ended = await withMetadata(config, (metadata) => endSessions(metadata, first));
      return print('sessions-ended', { ended }, [`${ended} sessions ended`]);
    }
    case 'audit': {
      const count = given.length === 0 ? 100 : countOf(first);
      if (given.length > 1 || count === undefined || count === 0)
        throw new OnefoldError('usage', 'admin audit takes a count');
      const notes = await withMetadata(config, (metadata) => readAudit(metadata, count));
      const lines = notes.map(
        ({ atMs, action, details, ...ids }) =>
          `${new Date(atMs).toISOString()}  ${[action, ...namedIds(ids), details].filter(Boolean).join('  ')}`,
      );
      return print('audit', { notes }, lines);
    }
    case 'fsck':
      takes(0);
      return runFsck(config, isJson, isRepair);
    case 'gc': {
      takes(0);
      await withStopped(config, (context) => collect(context, 'all-packs'));
      return print('collected', {}, ['collected']);
    }
    case 'backup': {
      takes(1);
      mustBeOneMachine(config);
      const report = await backUp(config.data, first, Date.now());
      print('backup', report, [
        ...report.missing.map((key) => `not there, and not in the backup: pack ${key}`),
        `${report.packs} packs, ${report.copied} of them new, ${report.sizeBytes} bytes`,
      ]);
      return report.missing.length === 0 ? 0 : 1;
    }
    case 'restore': {
      takes(1);
      mustBeOneMachine(config);
      // Before a folder is made for what may be mistyped.
      await wholeBackup(first);
      const folder = takeDataFolder(config.data);
      try {
        const report = await restore(first, config.data, Date.now());
        print('restored', report, [
          ...report.missing.map((key) => `not whole in the backup: pack ${key}`),
          `${report.namespaces} namespaces, ${report.packs} packs`,
          ...(report.missing.length === 0
            ? []
            : ['run admin fsck --repair on it: devices then send again what is missing']),
        ]);
        return report.missing.length === 0 ? 0 : 1;
      } finally {
        folder.release();
      }
    }
    default:
      return undefined;
  }
}

/** What people call themselves must not steer the operator's terminal: characters that show nothing are told by their numbers. */
function visible(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (found) => `\\u{${found.codePointAt(0)?.toString(16) ?? ''}}`);
}

/** `user 12ab…` for each that is there: which of them it is nobody sees from the digits. */
function namedIds(ids: Readonly<Record<string, string | null>>): string[] {
  return Object.entries(ids).flatMap(([name, id]) => (id === null ? [] : [`${name} ${id}`]));
}

/** Digits alone: nothing else is taken for a number, least of all nothing for 0. */
function countOf(text: string): number | undefined {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(count) ? count : undefined;
}

function mustBeOneMachine(config: ServerConfig): void {
  if (config.postgres !== undefined)
    throw new OnefoldError('invalid-argument', 'back up and restore PostgreSQL by its own means (docs/OPERATIONS.md)');
  if (config.s3 !== undefined)
    throw new OnefoldError(
      'invalid-argument',
      'packs in an S3 store are backed up by its own means (docs/OPERATIONS.md)',
    );
}

/** Beside a running server: it changes rows only, in transactions. Opening the pack store would empty what the server is writing. */
async function withMetadata<T>(config: ServerConfig, work: (metadata: MetadataDatabase) => Promise<T>): Promise<T> {
  const databaseFile = `${config.data}/metadata.db`;
  if (config.postgres === undefined && !existsSync(databaseFile))
    throw new OnefoldError('not-found', `there is no server's data in ${config.data}`);
  const { postgres } = config;
  const metadata = await (postgres === undefined ? openSqlite(databaseFile) : openPostgres(postgres));
  return work(metadata).finally(() => metadata.close());
}

async function withStopped(config: ServerConfig, work: (context: StoreContext) => Promise<void>): Promise<void> {
  const folder = takeFolderOf(config, 'existing');
  try {
    const engines = await openEngines(config, folder, { nowMs: Date.now, onError: () => undefined });
    const { metadata, packs } = engines;
    const context = { config, log: createLog(config), metrics: createMetrics(), nowMs: Date.now, metadata, packs };
    await work(context).finally(() => engines.close());
  } finally {
    folder.release();
  }
}
