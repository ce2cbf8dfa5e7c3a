import * as z from 'zod';
import { retentionPolicySchema } from '@onefold/protocol';
import { countSchema, pathSchema } from '../status.ts';

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
