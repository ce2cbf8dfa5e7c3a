import * as z from 'zod';
import { atMsSchema, bytesSchema, pathSchema } from '../status.ts';
import { limitSchema } from './shapes.ts';

export const entrySchema = z.object({
  /** Inside the folder, with `/`. */
  path: z.string(),
  /** `special`: a pipe, a socket or a device, which is never synced. */
  kind: z.enum(['file', 'folder', 'link', 'special']),
  sizeBytes: bytesSchema,
  mtimeMs: atMsSchema,
  /**
   * `safe`: a committed version holds it and it is here. `local-only`: ignored or not to be synced. `frozen`: ignored since it was synced.
   * `unticked`: not to be on this device. `one-way`: differs from the server's, in a folder that only sends or only receives.
   */
  state: z.enum([
    'safe',
    'not-yet-safe',
    'arriving',
    'waiting',
    'attention',
    'local-only',
    'frozen',
    'unticked',
    'one-way',
  ]),
});

export const BROWSE_CALLS = {
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
} as const;

export type ListedEntry = z.infer<typeof entrySchema>;
