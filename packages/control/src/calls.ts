import * as z from 'zod';
import { EXPLAIN_CALLS } from './calls/explain.ts';
import { activitySchema } from './events.ts';
import {
  atMsSchema,
  bytesSchema,
  countSchema,
  deviceSchema,
  folderStatusSchema,
  pathSchema,
  statusSchema,
} from './status.ts';

const nothing = z.strictObject({});
const done = z.object({});
const limitSchema = z.int().min(1).max(10_000);

export const entrySchema = z.object({
  /** Inside the folder, with `/`. */
  path: z.string(),
  /** `special`: a pipe, a socket or a device, which is never synced. */
  kind: z.enum(['file', 'folder', 'link', 'special']),
  sizeBytes: bytesSchema,
  mtimeMs: atMsSchema,
  /** `safe`: a committed version holds it and it is here. `local-only`: ignored or not to be synced. */
  state: z.enum(['safe', 'not-yet-safe', 'arriving', 'waiting', 'attention', 'local-only']),
});

export const versionSchema = z.object({
  /** What `restore` takes. Opaque. */
  version: z.string().min(1),
  atMs: atMsSchema,
  sizeBytes: bytesSchema,
  device: deviceSchema,
  kind: z.enum(['added', 'edited', 'renamed', 'moved', 'deleted', 'restored', 'conflict']),
  isCurrent: z.boolean(),
});

export const conflictSchema = z.object({
  folder: z.string(),
  /** The copy. */
  path: z.string(),
  /** The file whose name the other side won. */
  original: z.string(),
  device: deviceSchema,
  atMs: atMsSchema,
});

export const deviceStatusSchema = deviceSchema.extend({
  here: z.boolean(),
  /** null when the server cannot tell. */
  online: z.boolean().nullable(),
  /** null when it never was. */
  lastInStepAtMs: atMsSchema.nullable(),
  lastSeenAtMs: atMsSchema.nullable(),
});

export const checkSchema = z.object({
  id: z.string().min(1),
  ok: z.boolean(),
  message: z.string(),
  /** What to do; empty when `ok`. */
  advice: z.string(),
});

/**
 * Every call of the control surface: what it takes and what it gives. A call that fails answers with an ErrorReport.
 * Folders are named by their absolute path; a `path` beside no `folder` is absolute, beside a `folder` it is inside of it.
 */
export const CALLS = {
  status: { args: nothing, result: statusSchema },
  /** Of one folder, or of all. Pausing what is paused is no error. */
  pause: { args: z.strictObject({ folder: pathSchema.optional() }), result: done },
  resume: { args: z.strictObject({ folder: pathSchema.optional() }), result: done },
  add: {
    args: z.strictObject({ path: pathSchema, namespace: z.string().min(1).max(255).optional() }),
    result: z.object({ folder: folderStatusSchema }),
  },
  /** Stops syncing the folder here; deletes nothing anywhere. */
  remove: { args: z.strictObject({ path: pathSchema }), result: done },
  /** Answers when a complete scan and a head read, both begun after the call, left nothing to do, or when that cannot be. */
  syncWait: {
    args: z.strictObject({ timeoutMs: z.int().positive().optional() }),
    result: z.object({
      outcome: z.enum(['idle', 'attention', 'offline', 'paused', 'timed-out']),
      status: statusSchema,
    }),
  },
  /** Lets a held mass change go on. */
  confirm: { args: z.strictObject({ id: z.string().min(1).max(512) }), result: done },
  /** Undoes a held mass change: what it would have deleted or rewritten comes back. */
  reject: { args: z.strictObject({ id: z.string().min(1).max(512) }), result: done },
  ls: {
    args: z.strictObject({
      path: z.string().max(32_768).optional(),
      folder: pathSchema.optional(),
      limit: limitSchema.optional(),
      after: z.string().max(32_768).optional(),
    }),
    /** `next` goes into `after`; there is none on the last page. */
    result: z.object({ entries: z.array(entrySchema), next: z.string().optional() }),
  },
  /** Newest first. */
  versions: {
    args: z.strictObject({ path: pathSchema, folder: pathSchema.optional() }),
    result: z.object({ versions: z.array(versionSchema) }),
  },
  /** Without `version` the newest that is not current; without `to` into its place. Answers where it went. */
  restore: {
    args: z.strictObject({
      path: pathSchema,
      folder: pathSchema.optional(),
      version: z.string().min(1).max(512).optional(),
      to: pathSchema.optional(),
    }),
    result: z.object({ path: z.string() }),
  },
  conflicts: { args: nothing, result: z.object({ conflicts: z.array(conflictSchema) }) },
  devices: { args: nothing, result: z.object({ devices: z.array(deviceStatusSchema) }) },
  doctor: { args: nothing, result: z.object({ checks: z.array(checkSchema) }) },
  ...EXPLAIN_CALLS,
  /** Newest first; `before` is the id of the last item of the page before. */
  activity: {
    args: z.strictObject({ limit: z.int().min(1).max(1000), before: z.string().min(1).max(512).optional() }),
    result: z.object({ items: z.array(activitySchema), total: countSchema.optional() }),
  },
  /** A fresh address of the daemon's own page that works once. */
  uiUrl: { args: nothing, result: z.object({ url: z.string() }) },
  /** Answers, then the daemon ends. */
  stop: { args: nothing, result: done },
} as const;

export type Calls = typeof CALLS;
export type CallName = keyof Calls;
export type CallArgs<N extends CallName> = z.infer<Calls[N]['args']>;
export type CallResult<N extends CallName> = z.infer<Calls[N]['result']>;
export type ListedEntry = z.infer<typeof entrySchema>;
export type FileVersion = z.infer<typeof versionSchema>;
export type Conflict = z.infer<typeof conflictSchema>;
export type DeviceStatus = z.infer<typeof deviceStatusSchema>;
export type Check = z.infer<typeof checkSchema>;
