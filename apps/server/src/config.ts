import { resolve } from 'node:path';
import { z } from 'zod';
import { OnefoldError } from '@onefold/protocol';
import { describeConfigError } from './config-errors.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Nothing waits for longer than about 24 days: a longer timer would end at once. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Milliseconds that something is waited for. */
function waitMs(leastMs: number) {
  return z.int().min(leastMs).max(LONGEST_WAIT_MS);
}

/** What the configuration file may hold, as JSON. Every field has a default that suits one machine. */
export const configSchema = z.strictObject({
  /** Folder of everything the server keeps. */
  data: z.string().min(1).default('onefold-data'),
  /** Metadata in PostgreSQL instead of SQLite: several nodes may then answer for one database. */
  postgres: z
    .strictObject({
      /** Every server of the database, the likely primary first; the one that takes writes is found. */
      urls: z
        .array(z.string().regex(/^postgres(ql)?:\/\//, 'expected postgres://USER:PASSWORD@HOST:PORT/DATABASE'))
        .min(1),
      /** Connections of this node for writing; reading gets as many again. */
      connections: z.int().min(1).default(10),
      /** Longest time one statement may take. */
      statementMs: waitMs(100).default(10_000),
    })
    .optional(),
  /** Wake-ups between nodes, and a cache of journal pages that they share. */
  redis: z
    .strictObject({
      /** With its password, if it has one. */
      url: z.string().regex(/^rediss?:\/\//, 'expected redis://HOST:PORT'),
    })
    .optional(),
  /** Packs in an S3 store instead of files. */
  s3: z
    .strictObject({
      /** Is there before the server starts. */
      bucket: z.string().min(1),
      /** Of a store other than Amazon's. */
      endpoint: z
        .string()
        .regex(/^https?:\/\//, 'expected http://HOST:PORT or https://HOST')
        .optional(),
      /** As the store calls it. */
      region: z.string().min(1).default('us-east-1'),
      /** The store as devices reach it: large packs then go past the server. Without it they go through. */
      deviceEndpoint: z
        .string()
        .regex(/^https?:\/\//, 'expected https://HOST')
        .optional(),
      /** Goes before every key. */
      prefix: z.string().default(''),
      /** Without both, the machine's own role or the usual AWS variables serve. */
      accessKeyId: z.string().min(1).optional(),
      /** Better given by the environment. */
      secretAccessKey: z.string().min(1).optional(),
      /** Longest time one call may take: a full store hangs. */
      deadlineMs: waitMs(100).default(30_000),
      /** Larger packs are sent in parts of this size. */
      partBytes: z
        .int()
        .min(5 * 1024 * 1024)
        .default(5 * 1024 * 1024),
    })
    .optional(),
  /** HOST:PORT; port 0 takes any free one. */
  listen: z
    .string()
    .regex(/^.+:\d{1,5}$/, 'expected HOST:PORT')
    .default('127.0.0.1:7440'),
  /** Answers over TLS: files in PEM, taken up anew when they change. */
  tls: z
    .strictObject({
      /** The certificate and its chain. */
      certFile: z.string().min(1),
      /** Its private key, under no password. */
      keyFile: z.string().min(1),
    })
    .optional(),
  /** The page and the calls of whoever runs the server, on an address of their own. Off unless it is given. */
  admin: z
    .strictObject({
      /** HOST:PORT; not to be reached from outside. */
      listen: z.string().regex(/^.+:\d{1,5}$/, 'expected HOST:PORT'),
      /** File that holds the token (at least 16 characters); made with a random one if it is not there. */
      tokenFile: z.string().min(1),
    })
    .optional(),
  /** Bytes of stored packs that one user's own folders may come to; null = no limit. One user's may be set by `admin quota`. */
  quotaBytesPerUser: z.int().min(0).nullable().default(null),
  /** What the log tells; `debug`: every call. */
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Log file; default stderr. */
  logFile: z.string().min(1).optional(),
  /** Whether anyone may make an account; `first`: as long as there is none. */
  registration: z.enum(['open', 'first', 'closed']).default('open'),
  /** The peer address is what the proxy before this server appended to X-Forwarded-For; a number where several stand one behind the other. */
  trustProxy: z.union([z.boolean(), z.int().min(0).max(10)]).default(false),
  /** Where /metrics is told: beside the calls, or on the admin page's address alone. */
  metrics: z.enum(['public', 'admin']).default('admin'),
  /** Life of a bearer token. */
  sessionMs: z
    .int()
    .min(1_000)
    .default(15 * MINUTE_MS),
  /** An upload that gets no new pack for so long expires. */
  uploadExpiryMs: z
    .int()
    .min(1_000)
    .default(24 * HOUR_MS),
  /** How long the outcome of a committed or expired upload can be asked for. */
  uploadOutcomeMs: z
    .int()
    .min(1_000)
    .default(7 * 24 * HOUR_MS),
  /** How often uploads are looked through. */
  sweepEveryMs: waitMs(50).default(MINUTE_MS),
  /** How often a socket is pinged. */
  heartbeatMs: waitMs(100).default(20_000),
  /** How long a stopping server waits for running calls. */
  drainMs: waitMs(0).default(10_000),
  /** Longest time one request may take to arrive. */
  requestTimeoutMs: waitMs(1_000).default(15 * MINUTE_MS),
  /** Taking away what no version uses. */
  collection: z
    .strictObject({
      /** How often what no version uses is looked for. */
      everyMs: waitMs(50).default(10 * MINUTE_MS),
      /** How long a block that no version uses is kept; longer than any upload may take. */
      graceMs: z
        .int()
        .min(0)
        .default(48 * HOUR_MS),
      /** How long one is condemned, and its object kept, before it is deleted; longer than any read. */
      condemnedMs: z.int().min(0).default(HOUR_MS),
      /** How often some of what is stored is read again and hashed. */
      scrubEveryMs: waitMs(50).default(10_000),
      /** Bytes a second that are read again and hashed in the background; 0 = none. */
      scrubBytesPerSecond: z
        .int()
        .min(0)
        .default(1024 * 1024),
    })
    .prefault({}),
  /** Web Push wake-ups of devices that are not connected. */
  push: z
    .strictObject({
      /** Who push services write to when something is wrong; without it nobody is woken. */
      contact: z
        .string()
        .regex(/^(mailto:\S+@\S+|https:\/\/\S+)$/, 'expected mailto:ADDRESS or https://PAGE')
        .optional(),
      /** Shortest time between two wake-ups of one device, whichever nodes have news for it. */
      quietMs: waitMs(0).default(30_000),
      /** Endpoints of private addresses, and over plain HTTP, are called as well. */
      allowsPrivate: z.boolean().default(false),
    })
    .prefault({}),
  /** How often this node says which devices it listens to; no longer than 40 s. */
  presenceEveryMs: z.int().min(50).max(40_000).default(30_000),
  /** What goes of the past by itself, where an owner has not chosen otherwise. Null: without end. */
  retention: z
    .strictObject({
      /** Old versions: all of a day, one an hour of a week, one a day of a month, then one a week. */
      isThinned: z.boolean().default(true),
      /** Days a version is kept after it was replaced. */
      versionDays: z.int().min(1).nullable().default(null),
      /** Versions of one file. */
      versionCount: z.int().min(1).nullable().default(null),
      /** Days that something deleted can be had back. */
      trashDays: z.int().min(1).nullable().default(90),
      /** How long a device may be away and still be told every change: changesets below a checkpoint that is older go. Null: they stay. */
      journalDays: z.int().min(90).nullable().default(null),
      /** How long the audit's notes are kept. Null: without end. */
      auditDays: z.int().min(30).nullable().default(400),
      /** How often it is looked whether a pass is due. */
      everyMs: waitMs(50).default(10 * MINUTE_MS),
      /** How long after one pass over a namespace the next one is due. */
      passEveryMs: z
        .int()
        .min(0)
        .default(24 * HOUR_MS),
      /** How long nothing goes after the clock has jumped. */
      settleMs: z
        .int()
        .min(0)
        .default(24 * HOUR_MS),
    })
    .prefault({}),
  /** What one address, account or device may take. */
  limits: z
    .strictObject({
      /** Calls without a session, per address. */
      anonymousPerMinute: z.int().min(1).default(600),
      /** Calls of one device. */
      devicePerMinute: z.int().min(1).default(30_000),
      /** Failed logins within 15 minutes before an address must wait. */
      failedLoginsPerAddress: z.int().min(1).default(100),
      /** The same for an account. */
      failedLoginsPerAccount: z.int().min(1).default(50),
      /** And for both together. */
      failedLoginsPerPair: z.int().min(1).default(10),
      /** Bytes of large bodies held in memory while they arrive; further ones wait. */
      packMemoryBytes: z
        .int()
        .min(16 * 1024 * 1024)
        .default(128 * 1024 * 1024),
      /** How long one may take to arrive while others wait for that memory. */
      packPatienceMs: waitMs(100).default(20_000),
      /** Uploads one device may have open at a time. */
      pendingUploadsPerDevice: z.int().min(1).default(1_000),
      /** Bytes of journal entries kept for readers. */
      entryCacheBytes: z
        .int()
        .min(0)
        .default(128 * 1024 * 1024),
      /** Unsent events of one socket before it is dropped. */
      socketBufferBytes: z
        .int()
        .min(1_024)
        .default(1024 * 1024),
      /** Sockets and long polls of one device. */
      socketsPerDevice: z.int().min(1).default(8),
      /** Calls of one device whose answers it has not taken to the end. */
      callsPerDevice: z.int().min(1).default(64),
      /** Open connections of one address; behind a proxy its calls under way and sockets. */
      connectionsPerAddress: z.int().min(1).default(2_000),
    })
    .prefault({}),
});
export type ServerConfig = z.output<typeof configSchema>;
export type ServerConfigInput = z.input<typeof configSchema>;

/** Checks a configuration and fills in defaults; paths become absolute. Throws `invalid-argument`. */
export function resolveConfig(input: unknown): ServerConfig {
  const result = configSchema.safeParse(input);
  if (!result.success) throw new OnefoldError('invalid-argument', describeConfigError(result.error, configSchema));
  const { collection, uploadExpiryMs } = result.data;
  if (collection.graceMs < uploadExpiryMs)
    throw new OnefoldError(
      'invalid-argument',
      'configuration: collection.graceMs must not be shorter than uploadExpiryMs: blocks of a running upload would be collected',
    );
  return { ...result.data, data: resolve(result.data.data) };
}

/** Splits HOST:PORT; an IPv6 host may stand in brackets. */
export function listenAddress(listen: string): { readonly host: string; readonly port: number } {
  const at = listen.lastIndexOf(':');
  const port = Number(listen.slice(at + 1));
  if (port > 65_535) throw new OnefoldError('invalid-argument', `no such port: ${listen.slice(at + 1)}`);
  return { host: listen.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port };
}
