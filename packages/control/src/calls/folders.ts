import * as z from 'zod';
import { folderStatusSchema, pathSchema } from '../status.ts';
import { done } from './shapes.ts';

export const FOLDER_CALLS = {
  add: {
    args: z.strictObject({
      path: pathSchema,
      namespace: z.string().min(1).max(255).optional(),
      /** Makes the folder where there is none. */
      make: z.boolean().optional(),
    }),
    result: z.object({ folder: folderStatusSchema }),
  },
  /** A folder that is missing or was replaced stands at `path` from now on: itself, moved, or another one, in which nothing missing counts as deleted. */
  locate: {
    args: z.strictObject({ folder: pathSchema, path: pathSchema }),
    result: z.object({ folder: folderStatusSchema }),
  },
  /** Stops syncing the folder here; deletes nothing anywhere. */
  remove: { args: z.strictObject({ path: pathSchema }), result: done },
} as const;
