import * as z from 'zod';
import { countSchema, pathSchema } from '../status.ts';

const limit = z.int().min(1).max(36_500).nullable();

/** What goes of the past by itself. Null: without end. */
export const retentionPolicySchema = z.object({
  /** All versions of a day, one an hour of a week, one a day of a month, one a week of what is older. */
  isThinned: z.boolean(),
  /** Days that a version is kept after it was replaced. */
  versionDays: limit,
  /** Versions of one file, the current one counted. */
  versionCount: limit,
  /** Days that something deleted can be had back. */
  trashDays: limit,
});

const told = z.object({
  /** In force. */
  policy: retentionPolicySchema,
  /** True: nobody chose, and the server's own policy is in force. */
  isDefault: z.boolean(),
  serverPolicy: retentionPolicySchema,
});

export const RETENTION_CALLS = {
  /** What the server keeps of a folder's past. */
  retention: {
    args: z.strictObject({ folder: pathSchema.optional() }),
    result: told,
  },
  /** The owner's choice; null gives it back to the server. Throws `forbidden`. */
  setRetention: {
    args: z.strictObject({ folder: pathSchema.optional(), policy: retentionPolicySchema.nullable() }),
    result: told,
  },
  /** Gives up one old version for good, as `versions` names it. Throws `not-found`; `invalid-argument` for the current one. */
  purgeVersion: {
    args: z.strictObject({ path: pathSchema, folder: pathSchema.optional(), version: z.string().min(1).max(512) }),
    result: z.object({ versions: countSchema }),
  },
  /** Gives up for good what was deleted, with all that was in it: an id of `trash` whose `where` is `server`. */
  purgeDeleted: {
    args: z.strictObject({ folder: pathSchema, id: z.string().min(1).max(40_000) }),
    result: z.object({ versions: countSchema }),
  },
} as const;

export type RetentionPolicy = z.infer<typeof retentionPolicySchema>;
