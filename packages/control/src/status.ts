import * as z from 'zod';

export const countSchema = z.int().nonnegative();
export const bytesSchema = z.number().nonnegative();
export const atMsSchema = z.number();
export const pathSchema = z.string().min(1).max(32_768);
const idSchema = z.string().min(1).max(512);

/**
 * What one glance must tell. The first that holds wins: attention, paused, offline, syncing, idle.
 * `idle` is a promise (everything is safe); a daemon that is not sure says `syncing`.
 */
export const stateSchema = z.enum(['idle', 'syncing', 'offline', 'paused', 'attention']);

export const deviceSchema = z.object({ id: idSchema, name: z.string() });

/**
 * Something a person should look at. `message` is English for logs and the command line; a UI words it by `code`.
 * `question` is there exactly when `confirm` and `reject` answer it.
 */
export const attentionSchema = z.object({
  id: idSchema,
  /** A code of ERROR_REACTIONS. */
  code: z.string(),
  /** Inside the folder, with `/`; empty for the folder itself or for the device as a whole. */
  path: z.string(),
  message: z.string(),
  /** The folder's absolute path, when it concerns one. */
  folder: z.string().optional(),
  atMs: atMsSchema.optional(),
  question: z
    .object({
      deletes: countSchema,
      rewrites: countSchema,
      /** `up`: changed here and not yet sent. `down`: changed elsewhere and not yet applied here. */
      direction: z.enum(['up', 'down']),
      /** Entries of the folder before the change. */
      outOf: countSchema.optional(),
    })
    .optional(),
});

export const folderStatusSchema = z.object({
  /** Absolute; also the name by which calls refer to the folder. */
  path: pathSchema,
  /** The namespace's name; empty for the account's own. */
  namespace: z.string(),
  /** Files in step or known, deleted ones not counted. */
  files: countSchema,
  sizeBytes: bytesSchema.optional(),
  /** The journal's sequence number that is applied here. */
  head: countSchema,
  paused: z.boolean(),
  state: stateSchema,
  /** Operations left in this folder, both directions. */
  pending: countSchema,
});

export const inFlightSchema = z.object({
  path: z.string(),
  folder: z.string().optional(),
  direction: z.enum(['up', 'down']),
  bytesDone: bytesSchema,
  bytesTotal: bytesSchema,
});

/** Counts since the last time everything was in step; the totals may grow while work is found. */
export const progressSchema = z.object({
  filesDone: countSchema,
  filesTotal: countSchema,
  bytesDone: bytesSchema,
  bytesTotal: bytesSchema,
  bytesPerSecond: bytesSchema,
  /** null while it cannot be told. */
  secondsLeft: z.number().nonnegative().nullable(),
  /** At most the few largest; never the whole queue. */
  inFlight: z.array(inFlightSchema).max(64),
});

export const statusSchema = z.object({
  state: stateSchema,
  /** Operations left, both directions. */
  pending: countSchema,
  /** Changed entries here that no committed version holds. */
  notYetSafe: countSchema,
  attention: z.array(attentionSchema),
  folders: z.array(folderStatusSchema),
  server: z.object({
    url: z.string(),
    connected: z.boolean(),
    /** A code of ERROR_REACTIONS that says why it could not be used: `captive-portal`, `certificate-untrusted` ... */
    offlineBecause: z.string().optional(),
  }),
  device: deviceSchema,
  account: z.object({ email: z.string() }),
  /** Only while something moves. */
  progress: progressSchema.optional(),
  /** Entries that are left out, and why: pipes, sockets and devices, what cannot be read. At most the first hundred; `explain` tells more. */
  waiting: z.array(z.object({ path: z.string(), folder: z.string(), code: z.string() })).optional(),
  /** Set while everything is paused, not only single folders. */
  paused: z.boolean(),
  /** What keeps everything still though nobody paused it. */
  heldBy: z.enum(['schedule', 'metered']).optional(),
  version: z.string(),
  pid: z.int().positive(),
});

export type SyncState = z.infer<typeof stateSchema>;
export type DeviceRef = z.infer<typeof deviceSchema>;
export type Attention = z.infer<typeof attentionSchema>;
export type FolderStatus = z.infer<typeof folderStatusSchema>;
export type InFlight = z.infer<typeof inFlightSchema>;
export type Progress = z.infer<typeof progressSchema>;
export type Status = z.infer<typeof statusSchema>;

/** Whether nothing moves because of what people paused, all at once or folder by folder: what they can end with one "resume". */
export function isAllPaused({ paused, folders }: Pick<Status, 'paused' | 'folders'>): boolean {
  return paused || (folders.length > 0 && folders.every((folder) => folder.paused));
}
