import * as z from 'zod';
import { activitySchema } from '../events.ts';
import { countSchema } from '../status.ts';

export const ACTIVITY_CALLS = {
  /** Newest first; `before` is the id of the last item of the page before. */
  activity: {
    args: z.strictObject({ limit: z.int().min(1).max(1000), before: z.string().min(1).max(512).optional() }),
    result: z.object({ items: z.array(activitySchema), total: countSchema.optional() }),
  },
} as const;
