import * as z from 'zod';
import { bytesSchema, countSchema, pathSchema } from '../status.ts';
import { limitSchema } from './shapes.ts';

/**
 * `two-way`: as a rule. `send-only`: what changes elsewhere is never applied here. `receive-only`: what changes here is never sent. What
 * then differs is listed, and stays as it is on both sides.
 */
export const directionSchema = z.enum(['two-way', 'send-only', 'receive-only']);

export const differenceSchema = z.object({
  /** Inside the folder, with `/`: where it stands here, else where the server has it. */
  path: z.string(),
  kind: z.enum(['file', 'folder', 'link']),
  sizeBytes: bytesSchema,
  /** `only-here`, `only-there` (new on that side, or deleted on the other), `edited`, `moved`, `attributes` (time or mode). */
  difference: z.enum(['only-here', 'only-there', 'edited', 'moved', 'attributes']),
});

export const ONE_WAY_CALLS = {
  /** How a folder is kept, and what differs because of it. `total` counts all of it. */
  oneWay: {
    args: z.strictObject({
      folder: pathSchema.optional(),
      limit: limitSchema.optional(),
      after: z.string().max(512).optional(),
    }),
    /** `next` goes into `after`; there is none on the last page. */
    result: z.object({
      mode: directionSchema,
      total: countSchema,
      differences: z.array(differenceSchema),
      next: z.string().optional(),
    }),
  },
  /** Back to `two-way`, what differs is met like any change made on both sides. Deletes nothing by itself. */
  setOneWay: {
    args: z.strictObject({ folder: pathSchema.optional(), mode: directionSchema }),
    result: z.object({}),
  },
  /**
   * Makes the other side like this one, once: of a send-only folder the server like here (what only the server has is deleted there, and
   * can be had back from its trash), of a receive-only folder this disk like the server (what differs here goes into the trash here).
   * Throws `precondition-failed` for a two-way folder. Answers how many differences it takes up.
   */
  settleOneWay: {
    args: z.strictObject({ folder: pathSchema.optional() }),
    result: z.object({ count: countSchema }),
  },
} as const;

export type Direction = z.infer<typeof directionSchema>;
export type Difference = z.infer<typeof differenceSchema>;
