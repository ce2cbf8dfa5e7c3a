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
  /** Stops syncing the folder here; deletes nothing anywhere. */
  remove: { args: z.strictObject({ path: pathSchema }), result: done },
} as const;
