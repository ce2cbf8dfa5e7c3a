import * as z from 'zod';
import { atMsSchema, bytesSchema, countSchema, pathSchema } from '../status.ts';

const place = { folder: pathSchema, path: z.string().max(32_768), atMs: atMsSchema };

export const pastChangeSchema = z.object({
  /** Inside the kept folder. */
  path: z.string(),
  change: z.enum(['added-back', 'changed-back', 'removed']),
  sizeBytes: bytesSchema,
});

export const PAST_CALLS = {
  /** What restoring a folder (`path` inside the kept one, empty for all of it) to a moment would change. Changes nothing. */
  lookBack: {
    args: z.strictObject(place),
    result: z.object({
      /** When the last change up to that moment was taken; null when there was none. */
      asOfMs: atMsSchema.nullable(),
      /** The first so many; `count` and `sizeBytes` are of all. */
      changes: z.array(pastChangeSchema),
      counts: z.object({ addedBack: countSchema, changedBack: countSchema, removed: countSchema }),
      sizeBytes: bytesSchema,
    }),
  },
  /** Does it, as ordinary changes. `beforeMs`: going back to there takes it back. What is not with the server yet is left as it is, and told. */
  goBack: {
    args: z.strictObject(place),
    result: z.object({
      beforeMs: atMsSchema,
      done: countSchema,
      skipped: z.array(z.object({ path: z.string(), code: z.string() })),
    }),
  },
} as const;

export type PastChange = z.infer<typeof pastChangeSchema>;
