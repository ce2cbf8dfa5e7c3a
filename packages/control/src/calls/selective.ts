import * as z from 'zod';
import { bytesSchema, countSchema, pathSchema } from '../status.ts';
import { limitSchema } from './shapes.ts';

/**
 * A folder as the server has it. `unticked`: it, and everything below it, is not to be here. `partly`: it is to be here, something below it
 * is not.
 */
export const selectedFolderSchema = z.object({
  /** Inside the kept folder, with `/`. */
  path: z.string(),
  selection: z.enum(['ticked', 'unticked', 'partly']),
  /** Of everything below it that the server has. */
  files: countSchema,
  sizeBytes: bytesSchema,
  /** Folders in it: it can be opened in a tree. */
  hasFolders: z.boolean(),
  /** Entries in unticked ground that stand here all the same: the server does not hold them as they are, so they are left alone. */
  kept: countSchema,
});

const insideSchema = z.string().min(1).max(32_768);

export const SELECTIVE_CALLS = {
  /** The folders in one folder of the server's tree (the kept folder itself when no `path` is given), by name. */
  selection: {
    args: z.strictObject({
      /** Inside `folder` with it; else absolute. */
      path: z.string().max(32_768).optional(),
      folder: pathSchema.optional(),
      limit: limitSchema.optional(),
      after: z.string().max(32_768).optional(),
    }),
    /** `next` goes into `after`; there is none on the last page. */
    result: z.object({ entries: z.array(selectedFolderSchema), next: z.string().optional() }),
  },
  /**
   * Unticks and ticks folders on this device; nothing changes on the server or on any other. What is unticked leaves this disk as far as
   * the server holds it; what is ticked comes back. Ticking inside an unticked folder ticks the folders above, and unticks what else is in
   * them. Answers when it is noted; what it brings about follows. Throws `not-found`, and `precondition-failed` for a folder the server
   * does not have yet.
   */
  setSelection: {
    args: z.strictObject({
      folder: pathSchema.optional(),
      /** Inside the folder. */
      untick: z.array(insideSchema).max(10_000).optional(),
      tick: z.array(insideSchema).max(10_000).optional(),
    }),
    result: z.object({}),
  },
} as const;

export type SelectedFolder = z.infer<typeof selectedFolderSchema>;
