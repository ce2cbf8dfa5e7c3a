import * as z from 'zod';
import { pathSchema } from '../status.ts';
import { entrySchema } from './browse.ts';

export const foundSchema = entrySchema.extend({ folder: z.string(), isDeleted: z.boolean() });

export const SEARCH_CALLS = {
  /**
   * Entries whose name holds every word of the text, however its letters are written, the best match first; of one folder or of all. Deleted ones
   * that can be had back come last, with `deleted`.
   */
  search: {
    args: z.strictObject({
      text: z.string().max(500),
      folder: pathSchema.optional(),
      deleted: z.boolean().optional(),
      limit: z.int().min(1).max(200),
    }),
    result: z.object({ found: z.array(foundSchema) }),
  },
} as const;

export type FoundEntry = z.infer<typeof foundSchema>;
